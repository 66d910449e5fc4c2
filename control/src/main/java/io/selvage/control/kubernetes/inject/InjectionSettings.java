package io.selvage.control.kubernetes.inject;

import io.selvage.model.MeshConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an installation says of its sidecars; a Pod's annotations say the rest.
 *
 * @param image of the sidecar and of the container that sets up capture
 * @param pullPolicy {@code imagePullPolicy} of both; empty: Kubernetes' default
 * @param pullSecrets names of Secrets in the Pods' namespaces by which both images are fetched
 * @param controlPlane {@code HOST:PORT} of the control plane's secure port
 * @param meshId of the mesh
 * @param clusterId of the cluster that the Pods are in
 * @param network of that cluster, where the mesh has several
 * @param clusterDomain its DNS domain, {@code cluster.local}
 * @param nativeSidecars as an init container with {@code restartPolicy: Always}, which Kubernetes
 *     serves from 1.29
 * @param istioLabels whether {@code istio-injection} on a namespace and {@code
 *     sidecar.istio.io/inject} alone on a Pod are meant for Selvage: where no Istio injects
 * @param revisionTags values of {@code istio.io/rev} that ask for Selvage beside {@code selvage}
 * @param never Pods that are left alone unless they ask by label or annotation
 * @param holdApplication whether the application waits for the sidecar where a Pod says nothing
 * @param drain how long a sidecar beside its application serves on once it has to end
 * @param concurrency threads that serve connections; 0: one for each processor
 * @param statusPort where kubelet's probes are answered where a Pod says nothing
 * @param mergeMetrics whether the sidecar tells its application's figures with its own
 * @param variables of every sidecar's environment
 * @param proxy what holds where a Pod's annotations say nothing
 */
public record InjectionSettings(
    String image,
    Optional<String> pullPolicy,
    List<String> pullSecrets,
    String controlPlane,
    String meshId,
    String clusterId,
    Optional<String> network,
    String clusterDomain,
    boolean nativeSidecars,
    boolean istioLabels,
    List<String> revisionTags,
    List<LabelSelector> never,
    boolean holdApplication,
    Duration drain,
    int concurrency,
    int statusPort,
    boolean mergeMetrics,
    Map<String, String> variables,
    ProxyDefaults proxy) {
  /** Of {@code istio.io/rev} that asks for Selvage. */
  public static final String REVISION = "selvage";

  /** Where kubelet's probes are answered, unless it is said otherwise. */
  static final int STATUS_PORT = 15020;

  private static final Duration ISTIOS_DRAIN = Duration.ofSeconds(5);

  public InjectionSettings {
    pullSecrets = List.copyOf(pullSecrets);
    revisionTags = List.copyOf(revisionTags);
    never = List.copyOf(never);
    variables = Map.copyOf(variables);
  }

  /** Whether {@code istio.io/rev} with that value asks for this installation. */
  boolean isAskedForBy(String revision) {
    return RevisionTags.heard(revisionTags, istioLabels).contains(revision);
  }

  /**
   * With what the mesh's settings say of sidecars, which comes before an installation's choices.
   */
  public InjectionSettings with(MeshConfig.SidecarDefaults mesh) {
    return new InjectionSettings(
        image,
        pullPolicy,
        pullSecrets,
        controlPlane,
        meshId,
        clusterId,
        network,
        clusterDomain,
        nativeSidecars,
        istioLabels,
        revisionTags,
        never,
        mesh.hold().orElse(holdApplication),
        mesh.drain().orElse(drain),
        mesh.concurrency().orElse(concurrency),
        mesh.statusPort().orElse(statusPort),
        mesh.mergeMetrics(),
        mesh.metadata(),
        proxy);
  }

  /** One cluster, one network, Kubernetes 1.29 or later, and no Istio beside. */
  public static InjectionSettings standard(String image, String controlPlane) {
    return new InjectionSettings(
        image,
        Optional.empty(),
        List.of(),
        controlPlane,
        "cluster.local",
        "Kubernetes",
        Optional.empty(),
        "cluster.local",
        true,
        true,
        List.of(),
        List.of(),
        false,
        ISTIOS_DRAIN,
        0,
        STATUS_PORT,
        true,
        Map.of(),
        ProxyDefaults.STANDARD);
  }
}
