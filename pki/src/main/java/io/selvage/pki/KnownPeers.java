package io.selvage.pki;

import io.selvage.pki.PeerVerifier.PeerRole;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** A bounded memory of chains that held, by the hash of every byte of them. */
final class KnownPeers {
  private static final int MAX_ENTRIES = 4096;

  private final ConcurrentMap<Key, VerifiedIdentity> byChain = new ConcurrentHashMap<>();

  /** The hash of a whole chain, and what it was used for. */
  record Key(String sha256Hex, PeerRole role) {}

  static Key keyOf(List<X509Certificate> chain, PeerRole role) {
    MessageDigest digest = Fingerprint.sha256();
    for (X509Certificate certificate : chain) {
      digest.update(
          Pem.der(certificate)); // DER carries its own length, so no two chains run together
    }
    return new Key(HexFormat.of().formatHex(digest.digest()), role);
  }

  @Nullable VerifiedIdentity find(Key key) {
    return byChain.get(key);
  }

  /** Starts anew when full: rarer, and simpler, than keeping an order of use. */
  void remember(Key key, VerifiedIdentity identity) {
    if (byChain.size() >= MAX_ENTRIES) {
      byChain.clear();
    }
    byChain.put(key, identity);
  }
}
