package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.pki.TrustBundle;
import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A certificate for a real ServiceAccount's token, as a workload's sidecar asks for it: through the
 * API server's port forwarding to one of the control plane's Pods.
 */
public final class IssuanceTrial {
  private static final int SECURE_PORT = 15012;
  private static final String ACCOUNT = "selvage";
  private static final long TOKEN_SECONDS = 600;

  private final KubernetesClient client;
  private final String namespace;
  private final String cluster;
  private final Reach reach;
  private final InstantSource clock;
  private final SecureRandom random;

  /** How the control plane's secure port is reached. */
  public interface Reach {
    /**
     * Opens a way.
     *
     * @throws IOException when there is none
     */
    Way open() throws IOException;
  }

  /**
   * A way to the control plane that is open.
   *
   * @param port on 127.0.0.1
   * @param end closes it
   */
  public record Way(int port, Closeable end) {}

  /**
   * Prepares it.
   *
   * @param namespace the control plane's
   * @param cluster the cluster's id
   */
  public IssuanceTrial(
      KubernetesClient client,
      String namespace,
      String cluster,
      Reach reach,
      InstantSource clock,
      SecureRandom random) {
    this.client = client;
    this.namespace = namespace;
    this.cluster = cluster;
    this.reach = reach;
    this.clock = clock;
    this.random = random;
  }

  /** To a ready Pod of the control plane, through the API server. */
  public static Reach forwarding(KubernetesClient client, String namespace) {
    return forwarding(client, namespace, SECURE_PORT);
  }

  /** The same to another of its ports. */
  public static Reach forwarding(KubernetesClient client, String namespace, int port) {
    return () -> {
      Pod pod =
          client
              .pods()
              .inNamespace(namespace)
              .withLabel("app", "selvage")
              .list()
              .getItems()
              .stream()
              .filter(each -> each.getMetadata().getDeletionTimestamp() == null)
              .filter(Rollout::isReady)
              .findFirst()
              .orElseThrow(() -> new IOException("no Pod of the control plane is ready"));
      LocalPortForward forward =
          client
              .pods()
              .inNamespace(namespace)
              .withName(pod.getMetadata().getName())
              .portForward(port);
      return new Way(forward.getLocalPort(), forward);
    };
  }

  Check check(TrustBundle roots) throws InterruptedException {
    try {
      Way way = reach.open();
      try (Closeable _ = way.end()) {
        IssuedCertificate issued = client(way.port(), roots).request(Optional.empty());
        return issued.roots().roots().stream().anyMatch(roots::contains)
            ? Check.passed(
                "a certificate for ServiceAccount %s/%s: %s"
                    .formatted(namespace, ACCOUNT, issued.certificate().spiffeId()))
            : Check.failed(
                "the CA says to trust other roots than those in the namespaces: %s, not %s"
                    .formatted(issued.roots().fingerprints(), roots.fingerprints()));
      }
    } catch (CertificateRequestFailed e) {
      return Check.failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return Check.unknown("a certificate: the control plane is not reached: " + e.getMessage());
    }
  }

  private CertificateClient client(int port, TrustBundle roots) {
    return new CertificateClient(
        CertificateClient.Settings.of("127.0.0.1", port, "selvage." + namespace + ".svc", cluster),
        () -> roots,
        () -> Optional.of(token()),
        pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()),
        clock,
        random);
  }

  private String token() {
    TokenRequest request =
        new TokenRequestBuilder()
            .withNewSpec()
            .addToAudiences("istio-ca")
            .withExpirationSeconds(TOKEN_SECONDS)
            .endSpec()
            .build();
    return client
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(ACCOUNT)
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }
}
