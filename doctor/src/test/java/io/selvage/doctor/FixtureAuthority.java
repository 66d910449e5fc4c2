package io.selvage.doctor;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

/** A throw-away CA of a fixture, with all dates around {@link Fixtures#NOW}. */
public final class FixtureAuthority {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final CaProfile PROFILE = new CaProfile.Istiod("cluster.local");

  private final CaCredentials credentials;

  private FixtureAuthority(CaCredentials credentials) {
    this.credentials = credentials;
  }

  /** One that was made a month ago and is valid for ten years. */
  public static FixtureAuthority make() {
    return make(Fixtures.NOW.minus(Duration.ofDays(30)), Duration.ofDays(3650));
  }

  /** One of other dates. */
  public static FixtureAuthority make(Instant created, Duration lifetime) {
    try {
      return new FixtureAuthority(
          CaCredentials.selfSigned(PROFILE, KeyAlgorithm.ECDSA_P256, lifetime, created, RANDOM));
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  /** PEM. */
  public String root() {
    return Pem.of(credentials.root());
  }

  /** The root as {@code caBundle} and Secrets have it. */
  public String rootBase64() {
    return base64(root());
  }

  /** PEM of a workload's chain, four hours old and valid for a day; with the root at its end. */
  public String chain(String namespace, String serviceAccount) {
    return chain(namespace, serviceAccount, Fixtures.NOW.minus(Duration.ofHours(4)));
  }

  /** The same, issued at another time. */
  public String chain(String namespace, String serviceAccount, Instant issued) {
    return issue(namespace, serviceAccount, List.of(), issued).chainPem() + root();
  }

  /** What a control plane serves, leaf first, each PEM, with the root at the end. */
  public List<String> served(String service) {
    return served(service, Fixtures.NOW.minus(Duration.ofHours(4)));
  }

  /** The same, issued at another time. */
  public List<String> served(String service, Instant issued) {
    var names = List.of(service + ".istio-system.svc", service + ".istio-system", service);
    var leaf = issue("istio-system", service, names, issued).certificates().getFirst();
    return List.of(Pem.of(leaf), root());
  }

  private WorkloadCertificate issue(
      String namespace, String serviceAccount, List<String> names, Instant issued) {
    try {
      var authority =
          new CertificateAuthority(
              credentials,
              PROFILE,
              CertificateAuthority.Limits.DEFAULT,
              InstantSource.fixed(issued),
              RANDOM);
      return authority.issueServing(
          KeyAlgorithm.ECDSA_P256,
          SpiffeId.workload("cluster.local", namespace, serviceAccount),
          names,
          Duration.ofDays(1));
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
