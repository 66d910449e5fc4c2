package io.selvage.ca.auth;

import com.nimbusds.jose.jwk.JWKSet;
import java.util.Optional;

/** Where the public keys come from that tokens are checked by. */
public interface KeySource {
  /** The keys held now; none when they could not be had. */
  JWKSet keys();

  /**
   * Looks again, for a key that is not among {@link #keys}; at most as often as the source likes.
   */
  JWKSet refreshed();

  /** Why keys could not be had last time, when that is so. */
  Optional<String> trouble();

  /** Keys that never change. */
  static KeySource of(JWKSet keys) {
    JWKSet published = keys.toPublicJWKSet();
    return new KeySource() {
      @Override
      public JWKSet keys() {
        return published;
      }

      @Override
      public JWKSet refreshed() {
        return published;
      }

      @Override
      public Optional<String> trouble() {
        return Optional.empty();
      }
    };
  }
}
