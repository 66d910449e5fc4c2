package io.selvage.doctor.mesh;

import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Certificates as somebody wrote them, perhaps wrongly.
 *
 * @param where they stand, for people
 */
public record PemText(String where, String text) {
  public boolean isBlank() {
    return text.isBlank();
  }

  /** The certificates; empty when they cannot be read. */
  public Optional<List<X509Certificate>> certificates() {
    try {
      return Optional.of(Pem.certificates(text));
    } catch (PkiException e) {
      return Optional.empty();
    }
  }

  /** Why they cannot be read; empty when they can. */
  public Optional<String> problem() {
    if (isBlank()) {
      return Optional.of("it is empty");
    }
    try {
      return Pem.certificates(text).isEmpty()
          ? Optional.of("it holds no certificate")
          : Optional.empty();
    } catch (PkiException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The same as roots; empty when they cannot be read. */
  public TrustBundle bundle() {
    return certificates().map(TrustBundle::of).orElse(TrustBundle.empty());
  }
}
