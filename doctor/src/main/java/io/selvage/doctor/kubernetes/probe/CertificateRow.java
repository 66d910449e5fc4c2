package io.selvage.doctor.kubernetes.probe;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.Rows;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A certificate asked for with a fresh token, as a sidecar does it. The key and the token stay in
 * this process; what is kept is the certificate, and what the token says of itself.
 */
final class CertificateRow {
  private static final int SECURE_PORT = 15_012;
  private static final long TOKEN_SECONDS = 600;
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration STEP = Duration.ofMillis(200);

  private final KubernetesClient client;
  private final ProbeNamespace namespace;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Rows rows;

  CertificateRow(
      KubernetesClient client,
      ProbeNamespace namespace,
      InstantSource clock,
      SecureRandom random,
      Rows rows) {
    this.client = client;
    this.namespace = namespace;
    this.clock = clock;
    this.random = random;
    this.rows = rows;
  }

  /** The audience of the tokens that sidecars ask with: what the injector wrote into a Pod. */
  static String audience(Optional<Pod> injected) {
    return injected.stream()
        .flatMap(pod -> pod.getSpec().getVolumes().stream())
        .filter(volume -> volume.getProjected() != null)
        .filter(volume -> "istio-token".equals(volume.getName()))
        .flatMap(volume -> volume.getProjected().getSources().stream())
        .filter(source -> source.getServiceAccountToken() != null)
        .map(source -> source.getServiceAccountToken().getAudience())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("istio-ca");
  }

  /** Asks each of them. */
  void send(Iterable<ControlPlane> planes, String audience) throws InterruptedException {
    for (ControlPlane plane : planes) {
      ProbeOutcome.Target to =
          new ProbeOutcome.Target(plane.flavour().namespace(), plane.revision().deployment());
      try {
        rows.add(asked(plane, to, audience));
      } catch (ProbeFailed e) {
        rows.notSent(
            ProbeOutcome.Purpose.CERTIFICATE_REQUEST, account(), to, SECURE_PORT, request(), e);
      }
    }
  }

  private String account() {
    return namespace.name() + "/" + ProbeNamespace.CALLER;
  }

  private static String request() {
    return "IstioCertificateService.CreateCertificate";
  }

  private ProbeOutcome asked(ControlPlane plane, ProbeOutcome.Target to, String audience)
      throws ProbeFailed, InterruptedException {
    String token = token(audience);
    Map<String, String> details = new LinkedHashMap<>(claims(token));
    review(token, audience).ifPresent(said -> details.put("review", said));
    TrustBundle roots = roots();
    ApiObject pod =
        plane.pods().stream()
            .filter(each -> each.text("/status/phase").equals("Running"))
            .filter(each -> each.text("/metadata/deletionTimestamp").isEmpty())
            .findFirst()
            .orElseThrow(() -> new ProbeFailed("no Pod of " + to.name() + " runs in this cluster"));
    String result;
    try (LocalPortForward forward =
        client.pods().inNamespace(pod.namespace()).withName(pod.name()).portForward(SECURE_PORT)) {
      IssuedCertificate issued =
          new CertificateClient(
                  CertificateClient.Settings.of(
                      "127.0.0.1",
                      forward.getLocalPort(),
                      "%s.%s.svc".formatted(plane.revision().service(), to.namespace()),
                      plane.environment("CLUSTER_ID").orElse("Kubernetes")),
                  () -> roots,
                  () -> Optional.of(token),
                  wait -> TimeUnit.NANOSECONDS.sleep(wait.toNanos()),
                  clock,
                  random)
              .request(Optional.empty());
      details.put("certificate", issued.certificate().chainPem());
      result = "issued";
    } catch (CertificateRequestFailed e) {
      result = e.status().name();
      details.put("error", String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "create pods/portforward -n " + pod.namespace());
    } catch (IOException e) {
      throw new ProbeFailed("the control plane is not reached: " + e.getMessage());
    }
    return new ProbeOutcome(
        ProbeOutcome.Purpose.CERTIFICATE_REQUEST,
        account(),
        to,
        SECURE_PORT,
        request(),
        result,
        details);
  }

  private String token(String audience) throws ProbeFailed {
    try {
      return client
          .serviceAccounts()
          .inNamespace(namespace.name())
          .withName(ProbeNamespace.CALLER)
          .tokenRequest(
              new TokenRequestBuilder()
                  .withNewSpec()
                  .addToAudiences(audience)
                  .withExpirationSeconds(TOKEN_SECONDS)
                  .endSpec()
                  .build())
          .getStatus()
          .getToken();
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "create serviceaccounts/token -n " + namespace.name());
    }
  }

  /** What the token says of itself; not the token. */
  private static Map<String, String> claims(String token) throws ProbeFailed {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Map<String, String> said = new LinkedHashMap<>();
      said.put("token-issuer", String.valueOf(claims.getIssuer()));
      said.put("token-audience", String.join(", ", claims.getAudience()));
      Stream.ofNullable(claims.getExpirationTime())
          .forEach(time -> said.put("token-expires", time.toInstant().toString()));
      Stream.ofNullable(jwt.getHeader().getKeyID()).forEach(key -> said.put("token-key", key));
      return said;
    } catch (ParseException e) {
      throw new ProbeFailed("the API server's token is no JWT: " + e.getMessage());
    }
  }

  /** What the API server thinks of its own token; empty when it may not be asked. */
  private Optional<String> review(String token, String audience) {
    try {
      TokenReview review =
          client
              .resource(
                  new TokenReviewBuilder()
                      .withNewSpec()
                      .withToken(token)
                      .addToAudiences(audience)
                      .endSpec()
                      .build())
              .create();
      return Optional.of(
          Boolean.TRUE.equals(review.getStatus().getAuthenticated())
              ? "authenticated"
              : String.valueOf(review.getStatus().getError()));
    } catch (KubernetesClientException e) {
      return Optional.empty();
    }
  }

  /** What the mesh gives every new namespace to trust. */
  private TrustBundle roots() throws ProbeFailed, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<String> pem = published();
      if (pem.isPresent()) {
        try {
          return TrustBundle.parse(pem.get());
        } catch (PkiException e) {
          throw new ProbeFailed(
              "the roots in istio-ca-root-cert cannot be read: " + e.getMessage());
        }
      }
      if (System.nanoTime() >= end) {
        throw new ProbeFailed("no roots came into the new namespace (istio-ca-root-cert)");
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }

  private Optional<String> published() throws ProbeFailed {
    try {
      ConfigMap map =
          client.configMaps().inNamespace(namespace.name()).withName("istio-ca-root-cert").get();
      return Optional.ofNullable(map).map(found -> found.getData().get("root-cert.pem"));
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "get configmaps -n " + namespace.name());
    }
  }
}
