package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.selvage.control.workload.WorkloadInstance;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What a mesh sees of a Pod. */
final class PodInstances {
  /** How Istio's injector says that a sidecar takes the pod's connections. */
  private static final String TLS_MODE = "security.istio.io/tlsMode";

  /** On which network a Pod, or a whole cluster, is. */
  private static final String NETWORK = "topology.istio.io/network";

  private static final Set<String> OVER = Set.of("Succeeded", "Failed");
  private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
  private static final int LAST_PORT = 65_535;

  /** Labels of a Pod that say where it is, whatever its node's say; the later is Istio's older. */
  private static final List<String> LOCALITY =
      List.of("topology.istio.io/locality", "istio-locality");

  private PodInstances() {}

  /**
   * The pod as a workload; empty while it has no address, and when it has come to its end. One that
   * isn't ready is a workload: its proxy must have its configuration to get ready.
   *
   * @param node finds a node by name
   */
  static Optional<WorkloadInstance> of(
      SeenPod pod, String cluster, Function<String, Optional<Node>> node) {
    Optional<String> account = pod.account().filter(one -> ACCOUNT.matcher(one).matches());
    Optional<String> address = pod.address().filter(PodInstances::isLiteral);
    if (account.isEmpty() || address.isEmpty() || OVER.contains(pod.phase())) {
      return Optional.empty();
    }
    Map<String, String> labels = labels(pod.getMetadata());
    return Optional.of(
        new WorkloadInstance(
            pod.getMetadata().getName(),
            pod.getMetadata().getNamespace(),
            account.get(),
            labels,
            address.get(),
            ports(pod),
            Map.of(),
            cluster,
            labels.getOrDefault(NETWORK, ""),
            ownLocality(labels)
                .or(() -> pod.node().flatMap(node).map(n -> locality(labels(n.getMetadata()))))
                .orElse(""),
            pod.node().orElse(""),
            1,
            "istio".equals(labels.get(TLS_MODE))));
  }

  /** An API server next door is not believed to tell nothing else. */
  private static boolean isLiteral(String address) {
    try {
      return !address.isEmpty() && InetAddress.ofLiteral(address) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The network that an object's label names; empty: none. */
  static String network(HasMetadata object) {
    return labels(object.getMetadata()).getOrDefault(NETWORK, "");
  }

  private static Map<String, String> labels(ObjectMeta meta) {
    return Optional.ofNullable(meta.getLabels()).orElse(Map.of());
  }

  /** Of one name the first counts. */
  private static Map<String, Integer> ports(SeenPod pod) {
    Map<String, Integer> ports = new HashMap<>();
    for (SeenPod.Port port : pod.ports()) {
      Integer number = port.containerPort();
      boolean tcp = port.protocol() == null || port.protocol().equals("TCP");
      if (tcp && port.name() != null && number != null && number > 0 && number <= LAST_PORT) {
        ports.putIfAbsent(port.name(), number);
      }
    }
    return ports;
  }

  /** What a Pod's own label says; a label's value has no slashes, so that dots stand for them. */
  private static Optional<String> ownLocality(Map<String, String> labels) {
    return LOCALITY.stream()
        .map(label -> labels.getOrDefault(label, ""))
        .filter(value -> !value.isEmpty())
        .map(value -> value.replace('.', '/'))
        .findFirst();
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
