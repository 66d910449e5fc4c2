package io.selvage.cli.mesh;

import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.state.Invitation;
import io.selvage.cli.workloads.WorkloadSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A workload with the place that it was given.
 *
 * @param address at which other workloads reach it
 * @param place its network namespace; empty without namespaces
 * @param proxyPlace that of its proxy's container, where it is another one
 * @param application the address at which its application listens
 */
public record CarriedWorkload(
    WorkloadSpec spec,
    String address,
    Optional<WorkloadNamespace> place,
    Optional<WorkloadNamespace> proxyPlace,
    String application) {

  /** Where the proxy offers itself as an HTTP proxy, when nothing is captured. */
  public static final int HTTP_PROXY_PORT = 15080;

  /** What tells it apart in a mesh. */
  public Key key() {
    return new Key(spec.cluster(), spec.namespace(), spec.name());
  }

  /** By which the proxy before it tells the control plane who it is: Istio's node id. */
  public String nodeId() {
    return "sidecar~%s~%s.%s~%s.svc.cluster.local"
        .formatted(address, spec.name(), spec.namespace(), spec.namespace());
  }

  /** The node's cluster, as Istio's agents name it. */
  public String nodeCluster() {
    return spec.name() + "." + spec.namespace();
  }

  /** What the proxy tells the control plane beside its id. */
  public Map<String, String> nodeMetadata() {
    var metadata = new HashMap<String, String>();
    metadata.put(Invitation.CLUSTER_ID, spec.cluster());
    metadata.put("NAMESPACE", spec.namespace());
    metadata.put("SERVICE_ACCOUNT", spec.serviceAccount());
    if (place.isEmpty()) {
      metadata.put("INTERCEPTION_MODE", "NONE");
      metadata.put("HTTP_PROXY_PORT", Integer.toString(HTTP_PROXY_PORT));
    }
    return Map.copyOf(metadata);
  }

  /** Cluster, namespace and name. */
  public record Key(String cluster, String namespace, String name) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return cluster + "/" + namespace + "/" + name;
    }
  }
}
