package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.SubjectNames;
import io.selvage.pki.TrustBundle;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A chain that a server sent, the leaf first, judged as a TLS client judges it (RFC 5280 6.1 and
 * the server's name, RFC 9525), at a time that is given.
 *
 * @param certificates as sent
 */
public record ServerChain(List<X509Certificate> certificates) {
  /** As it was sent; empty when a certificate of it cannot be read. */
  public static Optional<ServerChain> of(Handshake.Served served) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (String pem : served.chain()) {
        chain.addAll(Pem.certificates(pem));
      }
    } catch (PkiException e) {
      return Optional.empty();
    }
    return chain.isEmpty() ? Optional.empty() : Optional.of(new ServerChain(List.copyOf(chain)));
  }

  public X509Certificate leaf() {
    return certificates.getFirst();
  }

  /** Who issued the last that was sent: the root itself when it signed itself. */
  public String lastIssuer() {
    return certificates.getLast().getIssuerX500Principal().getName();
  }

  /** The root, when it was sent along. */
  public Optional<X509Certificate> sentRoot() {
    X509Certificate last = certificates.getLast();
    return last.getSubjectX500Principal().equals(last.getIssuerX500Principal())
        ? Optional.of(last)
        : Optional.empty();
  }

  /** Why it does not lead to a root of the bundle; empty when it does. */
  public Optional<String> problemOfPath(TrustBundle bundle, Instant now) {
    if (bundle.isEmpty()) {
      return Optional.of("there is no root that it could lead to");
    }
    Set<TrustAnchor> anchors = new HashSet<>();
    bundle.roots().forEach(root -> anchors.add(new TrustAnchor(root, null)));
    X509CertSelector leaf = new X509CertSelector();
    leaf.setCertificate(leaf());
    try {
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, leaf);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(certificates)));
      CertPathBuilder.getInstance("PKIX").build(parameters);
      return expiredRoot(bundle, now);
    } catch (CertPathBuilderException e) {
      return Optional.of(words(e, bundle, now));
    } catch (GeneralSecurityException e) {
      return Optional.of("it cannot be judged: " + e.getMessage());
    }
  }

  /** The JDK takes a root for a name and a key; other clients look at its dates, too. */
  private static Optional<String> expiredRoot(TrustBundle bundle, Instant now) {
    boolean valid =
        bundle.roots().stream().anyMatch(root -> root.getNotAfter().toInstant().isAfter(now));
    return valid
        ? Optional.empty()
        : Optional.of("the root expired at " + bundle.roots().getFirst().getNotAfter().toInstant());
  }

  private String words(CertPathBuilderException e, TrustBundle bundle, Instant now) {
    for (X509Certificate one : certificates) {
      if (one.getNotAfter().toInstant().isBefore(now)) {
        return Shown.certificate(one) + " expired at " + one.getNotAfter().toInstant();
      }
      if (one.getNotBefore().toInstant().isAfter(now)) {
        return Shown.certificate(one) + " is not valid before " + one.getNotBefore().toInstant();
      }
    }
    if (e.getCause() instanceof CertPathValidatorException inner
        && inner.getReason() == CertPathValidatorException.BasicReason.ALGORITHM_CONSTRAINED) {
      return "it is signed too weakly: " + inner.getMessage();
    }
    return "it leads to \"%s\"%s, not to %s"
        .formatted(
            lastIssuer(),
            sentRoot().map(root -> " (" + Shown.fingerprint(root) + ")").orElse(""),
            Shown.fingerprints(bundle));
  }

  /** Why the leaf is not for a server of that name; empty when it is. */
  public Optional<String> problemOfName(String serverName) {
    try {
      List<String> names = SubjectNames.of(leaf()).dnsNames();
      return names.stream().anyMatch(name -> covers(name, serverName))
          ? Optional.empty()
          : Optional.of("its certificate is for " + Shown.some(names) + ", not " + serverName);
    } catch (PkiException e) {
      return Optional.of("its names cannot be read: " + e.getMessage());
    }
  }

  private static boolean covers(String name, String serverName) {
    if (!name.startsWith("*.")) {
      return name.equalsIgnoreCase(serverName);
    }
    int dot = serverName.indexOf('.');
    return dot > 0 && name.substring(1).equalsIgnoreCase(serverName.substring(dot));
  }

  /** Whether each certificate but the last was issued by the next one. */
  public boolean isInOrder() {
    for (int i = 0; i + 1 < certificates.size(); i++) {
      if (!certificates
          .get(i)
          .getIssuerX500Principal()
          .equals(certificates.get(i + 1).getSubjectX500Principal())) {
        return false;
      }
    }
    return true;
  }
}
