package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.selvage.control.workload.WorkloadInstance;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a mesh sees of a Pod. */
final class PodInstances {
  /** How Istio's injector says that a sidecar takes the pod's connections. */
  private static final String TLS_MODE = "security.istio.io/tlsMode";

  /** On which network a Pod, or a whole cluster, is. */
  private static final String NETWORK = "topology.istio.io/network";

  private static final Set<String> OVER = Set.of("Succeeded", "Failed");
  private static final int LAST_PORT = 65_535;

  private PodInstances() {}

  /**
   * The pod as a workload; empty while it has no address, and when it has come to its end. One that
   * isn't ready is a workload: its proxy must have its configuration to get ready.
   *
   * @param node finds a node by name
   */
  static Optional<WorkloadInstance> of(
      Pod pod, String cluster, Function<String, Optional<Node>> node) {
    if (pod.getStatus() == null || pod.getSpec() == null) {
      return Optional.empty();
    }
    String address = pod.getStatus().getPodIP();
    if (address == null || address.isEmpty() || OVER.contains(phase(pod))) {
      return Optional.empty();
    }
    Map<String, String> labels = labels(pod.getMetadata());
    return Optional.of(
        new WorkloadInstance(
            pod.getMetadata().getName(),
            pod.getMetadata().getNamespace(),
            account(pod),
            labels,
            address,
            ports(pod),
            Map.of(),
            cluster,
            labels.getOrDefault(NETWORK, ""),
            Optional.ofNullable(pod.getSpec().getNodeName())
                .flatMap(node)
                .map(n -> locality(labels(n.getMetadata())))
                .orElse(""),
            1,
            "istio".equals(labels.get(TLS_MODE))));
  }

  /** The network that an object's label names; empty: none. */
  static String network(HasMetadata object) {
    return labels(object.getMetadata()).getOrDefault(NETWORK, "");
  }

  /** The pod's ServiceAccount. */
  static String account(Pod pod) {
    String written = pod.getSpec().getServiceAccountName();
    return written == null || written.isEmpty() ? "default" : written;
  }

  private static String phase(Pod pod) {
    return Optional.ofNullable(pod.getStatus().getPhase()).orElse("");
  }

  private static Map<String, String> labels(ObjectMeta meta) {
    return Optional.ofNullable(meta.getLabels()).orElse(Map.of());
  }

  private static Map<String, Integer> ports(Pod pod) {
    Map<String, Integer> ports = new HashMap<>();
    declaredPorts(pod.getSpec())
        .filter(PodInstances::isNamedTcp)
        .forEach(port -> ports.putIfAbsent(port.getName(), port.getContainerPort()));
    return ports;
  }

  /** Of containers and init containers alike, in their order. */
  static Stream<ContainerPort> declaredPorts(PodSpec spec) {
    return Stream.concat(each(spec.getContainers()), each(spec.getInitContainers()))
        .flatMap(container -> each(container.getPorts()));
  }

  private static <T> Stream<T> each(@Nullable List<T> some) {
    return some == null ? Stream.of() : some.stream();
  }

  private static boolean isNamedTcp(ContainerPort port) {
    Integer number = port.getContainerPort();
    boolean tcp = port.getProtocol() == null || port.getProtocol().equals("TCP");
    return tcp && port.getName() != null && number != null && number > 0 && number <= LAST_PORT;
  }

  /** {@code region/zone/subzone}, as far as the node's labels say it. */
  private static String locality(Map<String, String> labels) {
    String region = labels.getOrDefault("topology.kubernetes.io/region", "");
    String zone = labels.getOrDefault("topology.kubernetes.io/zone", "");
    String subzone = labels.getOrDefault("topology.istio.io/subzone", "");
    if (!subzone.isEmpty()) {
      return region + "/" + zone + "/" + subzone;
    }
    return zone.isEmpty() ? region : region + "/" + zone;
  }
}
