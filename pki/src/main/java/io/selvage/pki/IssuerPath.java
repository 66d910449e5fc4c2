package io.selvage.pki;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that lead from a leaf towards a root, in the order of issue, picked from what a
 * peer sent.
 *
 * <p>RFC 8446 4.4.2: "all implementations SHOULD be prepared to handle potentially extraneous
 * certificates and arbitrary orderings". A certificate joins only when its key verifies the
 * signature of the one before, and the first root that does ends the path: so a new root that is
 * also sent signed by an old one holds wherever either of them is trusted. Nothing is tried twice,
 * so that a peer cannot make the search long.
 *
 * @param certificates leaf first, without the root
 * @param root the root of the bundle that signed the last one; null when there is none
 * @param namesake whether the bundle holds a root of the wanted name with another key
 */
record IssuerPath(
    List<X509Certificate> certificates, @Nullable X509Certificate root, boolean namesake) {
  IssuerPath {
    certificates = List.copyOf(certificates);
  }

  static IssuerPath from(CertificateChain sent, TrustBundle bundle, Instant now) {
    List<X509Certificate> path = new ArrayList<>(List.of(sent.leaf()));
    List<X509Certificate> rest = new ArrayList<>(sent.issuers());
    while (true) {
      X509Certificate last = path.getLast();
      X509Certificate root = issuerOf(last, bundle.roots(), now);
      X509Certificate next = root == null ? issuerOf(last, rest, now) : null;
      if (next == null) {
        return new IssuerPath(
            path, root, bundle.roots().stream().anyMatch(candidate -> isNamed(candidate, last)));
      }
      path.add(next);
      rest.removeIf(next::equals);
    }
  }

  /** One that is valid now goes before one that is not: a root may be renewed with its key kept. */
  private static @Nullable X509Certificate issuerOf(
      X509Certificate certificate, List<X509Certificate> candidates, Instant now) {
    Stream<X509Certificate> named = candidates.stream().filter(c -> isNamed(c, certificate));
    return named
        .sorted(Comparator.comparing(candidate -> !isValid(candidate, now)))
        .filter(candidate -> Signatures.issued(candidate, certificate))
        .findFirst()
        .orElse(null);
  }

  private static boolean isNamed(X509Certificate issuer, X509Certificate certificate) {
    return issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static boolean isValid(X509Certificate certificate, Instant now) {
    return !now.isBefore(certificate.getNotBefore().toInstant())
        && !now.isAfter(certificate.getNotAfter().toInstant());
  }
}
