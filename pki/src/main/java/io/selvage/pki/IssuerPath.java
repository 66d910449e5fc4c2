package io.selvage.pki;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that lead from a leaf towards a root, in the order of issue, picked from what a
 * peer sent.
 *
 * <p>RFC 8446 4.4.2: "all implementations SHOULD be prepared to handle potentially extraneous
 * certificates and arbitrary orderings". The first root that fits ends the path: so a new root that
 * is also sent signed by an old one holds wherever either of them is trusted. Where one certificate
 * alone has the issuer's name it is taken, and validation looks at the signature; of several, the
 * one whose key made it. Nothing is tried twice, so that a peer cannot make the search long.
 *
 * @param certificates leaf first, without the root
 * @param root the root of the bundle that ends the path; null when there is none
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
    rest.removeIf(bundle.roots()::contains);
    while (true) {
      X509Certificate last = path.getLast();
      List<X509Certificate> roots = named(bundle.roots(), last);
      List<X509Certificate> others = named(rest, last);
      boolean alone = roots.size() + others.size() == 1;
      X509Certificate root = alone ? first(roots) : signer(roots, last, now);
      if (root != null) {
        return new IssuerPath(path, root, false);
      }
      X509Certificate next = alone ? first(others) : signer(others, last, now);
      if (next == null) {
        return new IssuerPath(path, null, !roots.isEmpty());
      }
      path.add(next);
      rest.removeIf(next::equals);
    }
  }

  private static List<X509Certificate> named(
      List<X509Certificate> candidates, X509Certificate certificate) {
    return candidates.stream()
        .filter(c -> c.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
        .toList();
  }

  private static @Nullable X509Certificate first(List<X509Certificate> candidates) {
    return candidates.isEmpty() ? null : candidates.getFirst();
  }

  /** One that is valid now goes before one that is not: a root may be renewed with its key kept. */
  private static @Nullable X509Certificate signer(
      List<X509Certificate> candidates, X509Certificate certificate, Instant now) {
    return candidates.stream()
        .sorted(Comparator.comparing(candidate -> !isValid(candidate, now)))
        .filter(candidate -> Signatures.issued(candidate, certificate))
        .findFirst()
        .orElse(null);
  }

  private static boolean isValid(X509Certificate certificate, Instant now) {
    return !now.isBefore(certificate.getNotBefore().toInstant())
        && !now.isAfter(certificate.getNotAfter().toInstant());
  }
}
