package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.selvage.control.kubernetes.lease.LeaderWork;
import io.selvage.control.kubernetes.source.ObjectWatch;
import io.selvage.control.kubernetes.source.ServedVersions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mesh's roots as a {@code ClusterTrustBundle} ({@code certificates.k8s.io}), which Pods mount
 * by their signer's name and which needs no ConfigMap in each namespace. Where the API server does
 * not serve that kind, there is none; once it does, there is.
 */
public final class ClusterTrustBundles implements AutoCloseable {
  /** Whose trust anchors they are; whoever writes them needs {@code attest} on it. */
  public static final String SIGNER = "selvage.io/mesh";

  /** The object's name: the signer's as its prefix, as the API server wants it. */
  public static final String NAME = "selvage.io:mesh:roots";

  /** Of the kind. */
  public static final String GROUP = "certificates.k8s.io";

  /** Of the kind, in paths. */
  public static final String PLURAL = "clustertrustbundles";

  private static final String KIND = "ClusterTrustBundle";
  private static final List<String> VERSIONS = List.of("v1", "v1beta1", "v1alpha1");
  private static final Duration SYNC = Duration.ofMillis(50);
  private static final Duration DISCOVERY = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(ClusterTrustBundles.class);

  private final KubernetesClient client;
  private final Supplier<String> roots;
  private final LeaderWork<String> work;
  private volatile @Nullable Served served;

  /** In which version it is served, and what is watched of it. */
  private record Served(String version, ObjectWatch<GenericKubernetesResource> watch) {}

  /**
   * Begins to keep it.
   *
   * @param roots as PEM, asked for at each look
   * @param leads whether this replica is the one that writes
   */
  public ClusterTrustBundles(
      KubernetesClient client, Supplier<String> roots, BooleanSupplier leads) {
    this.client = client;
    this.roots = roots;
    this.work = new LeaderWork<>("SLV7237", KIND, leads, this::keep);
    all();
  }

  /** The roots are other ones, or this replica leads now. */
  public void all() {
    work.look(NAME);
  }

  private void keep(String name) {
    Served now = served();
    if (now == null) {
      work.look(name, DISCOVERY);
      return;
    }
    if (!now.watch().isSynced()) {
      work.look(name, SYNC);
      return;
    }
    String pem = roots.get();
    Optional<GenericKubernetesResource> is = now.watch().get("", name);
    var objects = client.genericKubernetesResources(context(now.version()));
    if (is.isEmpty()) {
      objects.resource(object(now.version(), pem)).create();
      LOG.info("{} {} made", KIND, name);
    } else if (!pem.equals(is.get().get("spec", "trustBundle"))) {
      GenericKubernetesResource fresh = object(now.version(), pem);
      fresh.getMetadata().setResourceVersion(is.get().getMetadata().getResourceVersion());
      fresh.getMetadata().setLabels(is.get().getMetadata().getLabels());
      fresh.getMetadata().setAnnotations(is.get().getMetadata().getAnnotations());
      objects.resource(fresh).update();
      LOG.info("{} {} set right", KIND, name);
    }
  }

  /** What is served; the watch begins when that is known. */
  private @Nullable Served served() {
    Served now = served;
    if (now == null) {
      Optional<String> version = ServedVersions.of(client, GROUP, PLURAL, VERSIONS);
      if (version.isPresent()) {
        now =
            new Served(
                version.get(),
                ObjectWatch.start(
                    KIND + " " + NAME,
                    client.genericKubernetesResources(context(version.get())).withName(NAME),
                    _ -> all()));
        served = now;
      }
    }
    return now;
  }

  private static ResourceDefinitionContext context(String version) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(GROUP)
        .withVersion(version)
        .withKind(KIND)
        .withPlural(PLURAL)
        .withNamespaced(false)
        .build();
  }

  private static GenericKubernetesResource object(String version, String pem) {
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(GROUP + "/" + version)
        .withKind(KIND)
        .withNewMetadata()
        .withName(NAME)
        .endMetadata()
        .addToAdditionalProperties("spec", Map.of("signerName", SIGNER, "trustBundle", pem))
        .build();
  }

  @Override
  public void close() {
    work.close();
    Served now = served;
    if (now != null) {
      now.watch().close();
    }
  }
}
