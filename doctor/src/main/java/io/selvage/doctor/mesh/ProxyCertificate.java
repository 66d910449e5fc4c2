package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Written;
import io.selvage.pki.PkiException;
import io.selvage.pki.SubjectNames;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The certificate by which a proxy shows who its workload is.
 *
 * @param uris its URI names
 * @param chain as the proxy holds it, the leaf first; empty when only {@code /certs} was seen
 */
public record ProxyCertificate(
    List<String> uris, Instant notBefore, Instant notAfter, List<X509Certificate> chain) {
  public ProxyCertificate {
    uris = List.copyOf(uris);
    chain = List.copyOf(chain);
  }

  /** Of a proxy: from its configuration dump, else from {@code /certs}; empty when it has none. */
  public static Optional<ProxyCertificate> of(ProxyView proxy) {
    return ProxySecrets.of(proxy)
        .flatMap(secrets -> secrets.active(ProxySecrets.WORKLOAD))
        .flatMap(secret -> secret.pem().certificates())
        .filter(chain -> !chain.isEmpty())
        .map(ProxyCertificate::of)
        .or(() -> proxy.certificates().found().flatMap(ProxyCertificate::listed));
  }

  private static ProxyCertificate of(List<X509Certificate> chain) {
    X509Certificate leaf = chain.getFirst();
    List<String> uris;
    try {
      uris = SubjectNames.of(leaf).uris();
    } catch (PkiException unreadable) {
      uris = List.of();
    }
    return new ProxyCertificate(
        uris, leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant(), chain);
  }

  /** The first with an identity of those that {@code /certs} lists. */
  private static Optional<ProxyCertificate> listed(JsonNode page) {
    return page.path("certificates")
        .valueStream()
        .flatMap(one -> one.path("cert_chain").valueStream())
        .flatMap(one -> listedLeaf(one).stream())
        .filter(one -> one.uris().stream().anyMatch(uri -> uri.startsWith("spiffe:")))
        .findFirst();
  }

  private static Optional<ProxyCertificate> listedLeaf(JsonNode one) {
    Optional<Instant> from = Written.instant(one.path("valid_from").asString(""));
    Optional<Instant> until = Written.instant(one.path("expiration_time").asString(""));
    List<String> uris = new ArrayList<>();
    one.path("subject_alt_names")
        .valueStream()
        .map(name -> name.path("uri").asString(""))
        .filter(uri -> !uri.isEmpty())
        .forEach(uris::add);
    return from.isPresent() && until.isPresent()
        ? Optional.of(new ProxyCertificate(uris, from.get(), until.get(), List.of()))
        : Optional.empty();
  }

  /** Its trust domain, when it has one identity. */
  public Optional<String> trustDomain() {
    return uris.size() == 1 && uris.getFirst().startsWith("spiffe://")
        ? Optional.of(uris.getFirst().substring("spiffe://".length()).replaceFirst("/.*", ""))
        : Optional.empty();
  }

  /** How much of its life is over, from 0 to 1 and beyond. */
  public double age(Instant now) {
    long life = Math.max(1, Duration.between(notBefore, notAfter).toSeconds());
    return (double) Duration.between(notBefore, now).toSeconds() / life;
  }
}
