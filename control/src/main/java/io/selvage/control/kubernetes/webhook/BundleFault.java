package io.selvage.control.kubernetes.webhook;

import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** What is wrong with a {@code caBundle}, in words. */
final class BundleFault {
  private BundleFault() {}

  /**
   * Compares.
   *
   * @param wanted the mesh's roots, PEM
   * @return empty when it is exactly that
   */
  static Optional<String> of(Optional<byte[]> bundle, String wanted, Instant now) {
    if (bundle.isEmpty()) {
      return Optional.of("was empty");
    }
    if (Arrays.equals(bundle.get(), wanted.getBytes(StandardCharsets.UTF_8))) {
      return Optional.empty();
    }
    try {
      TrustBundle is = TrustBundle.parse(new String(bundle.get(), StandardCharsets.UTF_8));
      TrustBundle ours = TrustBundle.parse(wanted);
      if (is.isEmpty()) {
        return Optional.of("held no certificate");
      }
      if (is.roots().stream().allMatch(root -> hasExpired(root, now))) {
        return Optional.of("held only certificates that have expired");
      }
      boolean hasAll = ours.roots().stream().allMatch(is::contains);
      boolean hasSome = ours.roots().stream().anyMatch(is::contains);
      boolean hasMore = is.roots().stream().anyMatch(root -> !ours.contains(root));
      return Optional.of(
          hasAll && hasMore
              ? "held certificates that are not this CA's beside its roots"
              : hasAll
                  ? "held the roots in another form"
                  : hasSome ? "lacked a root of this CA" : "held another CA's certificates");
    } catch (PkiException e) {
      return Optional.of("was no list of PEM certificates");
    }
  }

  /** Whether a bundle lets some answer of this control plane be trusted. */
  static boolean hasOneOf(String wanted, Optional<byte[]> bundle, Instant now) {
    if (bundle.isEmpty()) {
      return false;
    }
    try {
      TrustBundle is = TrustBundle.parse(new String(bundle.get(), StandardCharsets.UTF_8));
      return TrustBundle.parse(wanted).roots().stream()
          .anyMatch(root -> is.contains(root) && !hasExpired(root, now));
    } catch (PkiException e) {
      return false;
    }
  }

  private static boolean hasExpired(X509Certificate root, Instant now) {
    return root.getNotAfter().toInstant().isBefore(now);
  }
}
