package io.selvage.proxy.join;

import io.selvage.proxy.telemetry.Workload;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Which mesh a proxy joins, and as which workload.
 *
 * @param controlPlane where istiod's secure port is: xDS and the CA
 * @param roots file of the roots by which it is known, PEM ({@code istio-ca-root-cert})
 * @param token file of the ServiceAccount's token with audience {@code istio-ca}
 * @param workload which one this is
 * @param role what the proxy is
 * @param clusterId of the workload's cluster
 * @param meshId of the mesh
 * @param network of the workload, where the mesh has several
 * @param delta true: incremental xDS, as Istio's agent speaks it; false: state of the world
 */
public record JoinSettings(
    ControlPlane controlPlane,
    Path roots,
    Path token,
    Identity workload,
    Role role,
    String clusterId,
    String meshId,
    Optional<String> network,
    boolean delta) {
  /** A sidecar. */
  public JoinSettings(
      ControlPlane controlPlane,
      Path roots,
      Path token,
      Identity workload,
      String clusterId,
      String meshId,
      Optional<String> network,
      boolean delta) {
    this(controlPlane, roots, token, workload, Role.SIDECAR, clusterId, meshId, network, delta);
  }

  /** What a proxy is in a mesh: the type of its node. */
  public enum Role {
    /** It stands before a workload, whose connections are captured. */
    SIDECAR,
    /** A gateway: it listens itself. */
    ROUTER
  }

  /**
   * The control plane's address.
   *
   * @param serverName the DNS name that its certificate must have
   */
  public record ControlPlane(String host, int port, String serverName) {}

  /**
   * A workload.
   *
   * @param name the pod's
   * @param serviceAccount whose token it has; the CA decides the identity from that token
   * @param address its own IP address, as the mesh's endpoints have it
   * @param labels the pod's
   * @param domain the cluster's DNS domain, {@code cluster.local}
   * @param metadata what else its node says of itself, in Istio's names
   */
  public record Identity(
      String namespace,
      String name,
      String serviceAccount,
      String address,
      Map<String, String> labels,
      String domain,
      Map<String, Object> metadata) {
    private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
    private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";

    public Identity {
      labels = Map.copyOf(labels);
      metadata = Map.copyOf(metadata);
    }

    /** One that says no more of itself. */
    public Identity(
        String namespace,
        String name,
        String serviceAccount,
        String address,
        Map<String, String> labels,
        String domain) {
      this(namespace, name, serviceAccount, address, labels, domain, Map.of());
    }

    /** As metrics name it. */
    Workload telemetry(String clusterId, String trustDomain) {
      String app = labels.getOrDefault("app", "unknown");
      String version = labels.getOrDefault("version", "unknown");
      return new Workload(
          metadata.getOrDefault("WORKLOAD_NAME", name).toString(),
          namespace,
          "spiffe://%s/ns/%s/sa/%s".formatted(trustDomain, namespace, serviceAccount),
          app,
          version,
          clusterId,
          labels.getOrDefault(CANONICAL_NAME, labels.getOrDefault("app", name)),
          labels.getOrDefault(CANONICAL_REVISION, labels.getOrDefault("version", "latest")));
    }
  }
}
