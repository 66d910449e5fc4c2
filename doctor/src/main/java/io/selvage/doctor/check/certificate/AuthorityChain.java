package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.CaSecret;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.PemText;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.pki.AlgorithmRules;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** SLV1003: what signs may sign (RFC 5280 4.2.1.9 and 4.2.1.3), and was issued by the root. */
public final class AuthorityChain {
  private static final int KEY_CERT_SIGN = 5;

  private AuthorityChain() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1003",
            "what signs is a CA of the root, and strong enough",
            Set.of(Source.OBJECTS, Source.HANDSHAKE),
            FixClass.PRINTED,
            "R3"),
        AuthorityChain::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    Optional<MeshRoots> roots = Need.of(MeshRoots.of(cluster, flavour.get()), "the root", results);
    if (roots.isEmpty()) {
      return;
    }
    Optional<CaSecret> secret = CaSecret.of(cluster, flavour.get().namespace());
    secret.ifPresent(found -> judge(found, results));
    for (X509Certificate root : roots.get().bundle().roots()) {
      if (secret.filter(found -> found.roots().bundle().contains(root)).isEmpty()) {
        fail(root, "the root", roots.get().source(), results);
      }
    }
    if (results.all().isEmpty()) {
      results
          .pass(
              secret.map(found -> found.secret().name() + ": ").orElse("")
                  + "root and issuer are CAs, of accepted algorithms")
          .seen(Shown.fingerprints(roots.get().bundle()), roots.get().source());
    }
  }

  private static void judge(CaSecret secret, Results results) {
    PemText signing = secret.signing();
    Optional<String> unreadable = signing.problem();
    if (unreadable.isPresent()) {
      results
          .fail(signing.where() + " cannot be read: " + unreadable.get())
          .about(secret.secret().ref())
          .seen(unreadable.get(), "GET " + secret.secret().ref())
          .cause("the Secret was made by hand, or cut off")
          .effect("the control plane does not start, or goes on with what it had")
          .next("openssl x509 -noout -text -in ca-cert.pem");
      return;
    }
    X509Certificate issuer = signing.certificates().orElseThrow().getFirst();
    List<X509Certificate> above = new ArrayList<>();
    secret.chain().certificates().ifPresent(above::addAll);
    secret.roots().certificates().ifPresent(above::addAll);
    fail(issuer, "what signs", signing.where(), results);
    for (X509Certificate root : secret.roots().certificates().orElse(List.of())) {
      if (!root.equals(issuer)) {
        fail(root, "the root", secret.roots().where(), results);
      }
    }
    if (!isRoot(issuer)) {
      path(issuer, above, new LinkedHashSet<>())
          .ifPresent(
              broken ->
                  results
                      .fail(broken)
                      .about(secret.secret().ref())
                      .seen(Shown.certificate(issuer), "GET " + secret.secret().ref())
                      .cause("files of different CAs in one Secret, or an intermediate is missing")
                      .effect("peers cannot build a path from new certificates to the root")
                      .next(
                          "openssl verify -CAfile root-cert.pem -untrusted cert-chain.pem"
                              + " ca-cert.pem"));
    }
  }

  /** Why an issuer does not lead to a root of {@code above}; empty when it does. */
  private static Optional<String> path(
      X509Certificate from, List<X509Certificate> above, Set<X509Certificate> seen) {
    if (!seen.add(from)) {
      return Optional.of("the chain goes round in a circle at " + Shown.certificate(from));
    }
    boolean named = false;
    for (X509Certificate issuer : above) {
      if (!issuer.getSubjectX500Principal().equals(from.getIssuerX500Principal())
          || issuer.equals(from)) {
        continue;
      }
      named = true;
      if (signed(from, issuer)) {
        return isRoot(issuer) ? Optional.empty() : path(issuer, above, seen);
      }
    }
    return Optional.of(
        named
            ? "%s was not signed by the certificate \"%s\" beside it, but by another key of that name"
                .formatted(Shown.certificate(from), from.getIssuerX500Principal())
            : "%s was issued by \"%s\", which is in neither cert-chain.pem nor root-cert.pem"
                .formatted(Shown.certificate(from), from.getIssuerX500Principal()));
  }

  private static boolean signed(X509Certificate certificate, X509Certificate issuer) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static boolean isRoot(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static void fail(X509Certificate one, String what, String where, Results results) {
    problem(one)
        .ifPresent(
            problem ->
                results
                    .fail("%s, %s, %s".formatted(what, Shown.certificate(one), problem))
                    .seen(Shown.certificate(one), where)
                    .cause("a leaf in the place of a CA, or a CA of old rules")
                    .effect("peers that look refuse every certificate below it")
                    .next(
                        "make a CA certificate with CA:TRUE, keyCertSign, and RSA 2048 or P-256"));
  }

  private static Optional<String> problem(X509Certificate one) {
    if (one.getBasicConstraints() < 0) {
      return Optional.of("is not CA:TRUE");
    }
    boolean[] usage = one.getKeyUsage();
    if (usage != null && !usage[KEY_CERT_SIGN]) {
      return Optional.of("has a key usage without keyCertSign");
    }
    return AlgorithmRules.weaknessOf(one).map(weakness -> "has " + weakness);
  }
}
