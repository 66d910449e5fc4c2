package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.selvage.ca.SigningState;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.pki.Fingerprint;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What this replica signs with and trusts, told to whoever changes a root: an entry of its own in
 * the ConfigMap {@code selvage-trust}, written when it changes and taken out at the end.
 */
public final class TrustReport implements AutoCloseable {
  /** The ConfigMap, in the control plane's namespace. */
  public static final String NAME = "selvage-trust";

  private static final Logger LOG = LoggerFactory.getLogger(TrustReport.class);
  private static final long RETRY = 1_000;
  private static final int NOT_FOUND = 404;

  private final KubernetesClient client;
  private final String namespace;
  private final String key;
  private final CertificateAuthorityService authority;
  private final Supplier<List<String>> names;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-trust-report").factory());
  private String written = "";

  /**
   * What a replica says.
   *
   * @param signs SHA-256 fingerprint of the root that its leaves lead to
   * @param trusts those of all roots that it has proxies trust
   * @param names the trust domains whose names it has proxies accept, that of the identities which
   *     it gives first
   */
  public record Entry(String signs, List<String> trusts, List<String> names) {
    public Entry {
      trusts = List.copyOf(trusts);
      names = List.copyOf(names);
      if (names.isEmpty()) {
        throw new IllegalArgumentException("a replica names workloads after something");
      }
    }
  }

  /**
   * Begins to report.
   *
   * @param identity this replica's, of which the entry has the name
   * @param names the trust domains that are accepted now, the own one first
   */
  public TrustReport(
      KubernetesClient client,
      String namespace,
      String identity,
      CertificateAuthorityService authority,
      Supplier<List<String>> names) {
    this.client = client;
    this.namespace = namespace;
    this.key = identity.replaceAll("[^-._a-zA-Z0-9]", "_");
    this.authority = authority;
    this.names = names;
    authority.onChange(_ -> soon());
    var _ = worker.scheduleWithFixedDelay(this::write, 0, RETRY, TimeUnit.MILLISECONDS);
  }

  private void soon() {
    try {
      worker.execute(this::write);
    } catch (RejectedExecutionException e) {
      LOG.debug("the CA changed after the end");
    }
  }

  private void write() {
    SigningState now = authority.signing();
    String text =
        JsonMapper.shared()
            .writeValueAsString(
                new Entry(
                    Fingerprint.sha256Hex(now.authority().root()),
                    now.bundle().fingerprints(),
                    names.get()));
    if (text.equals(written)) {
      return;
    }
    try {
      patch(JsonNodeFactory.instance.objectNode().put(key, text));
      written = text;
    } catch (KubernetesClientException e) {
      LOG.debug("{} is written later: {}", NAME, e.getMessage());
    }
  }

  private void patch(ObjectNode data) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.set("data", data);
    try {
      client
          .configMaps()
          .inNamespace(namespace)
          .withName(NAME)
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    } catch (KubernetesClientException e) {
      if (e.getCode() != NOT_FOUND) {
        throw e;
      }
      client
          .configMaps()
          .inNamespace(namespace)
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName(NAME)
                  .withNamespace(namespace)
                  .endMetadata()
                  .build())
          .create();
      client
          .configMaps()
          .inNamespace(namespace)
          .withName(NAME)
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
    try {
      if (worker.awaitTermination(5, TimeUnit.SECONDS) && !written.isEmpty()) {
        patch(JsonNodeFactory.instance.objectNode().putNull(key));
      }
    } catch (KubernetesClientException e) {
      LOG.debug("{} keeps this replica's entry: {}", NAME, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
