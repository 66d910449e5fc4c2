package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a Pod; the rest of it, most, is asked for by nobody. Labels and names of ports
 * are the same words in many Pods, so each word is one object.
 *
 * @param ports those with a name, of containers and init containers alike, in their order
 */
record KeptPod(
    String name,
    String namespace,
    @Nullable String uid,
    @Nullable String version,
    @Nullable String deletion,
    Map<String, String> labels,
    @Nullable String account,
    @Nullable String node,
    List<Port> ports,
    boolean hasSpec,
    boolean hasStatus,
    @Nullable String phase,
    @Nullable String address) {

  /** A port of a container. */
  private record Port(@Nullable String name, @Nullable Integer number, @Nullable String protocol) {}

  static KeptPod of(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    PodSpec spec = pod.getSpec();
    PodStatus status = pod.getStatus();
    return new KeptPod(
        meta.getName(),
        meta.getNamespace().intern(),
        meta.getUid(),
        meta.getResourceVersion(),
        meta.getDeletionTimestamp(),
        words(meta.getLabels()),
        spec == null ? null : word(spec.getServiceAccountName()),
        spec == null ? null : word(spec.getNodeName()),
        spec == null ? List.of() : ports(spec),
        spec != null,
        status != null,
        status == null ? null : word(status.getPhase()),
        status == null ? null : status.getPodIP());
  }

  private static List<Port> ports(PodSpec spec) {
    return PodInstances.declaredPorts(spec)
        .filter(port -> port.getName() != null)
        .map(KeptPod::port)
        .toList();
  }

  private static Port port(ContainerPort port) {
    return new Port(word(port.getName()), port.getContainerPort(), word(port.getProtocol()));
  }

  private static Map<String, String> words(@Nullable Map<String, String> labels) {
    if (labels == null || labels.isEmpty()) {
      return Map.of();
    }
    return labels.entrySet().stream()
        .collect(
            Collectors.toUnmodifiableMap(
                label -> label.getKey().intern(), label -> label.getValue().intern()));
  }

  private static @Nullable String word(@Nullable String text) {
    return text == null ? null : text.intern();
  }

  /** The Pod, of one container with all ports that have a name. */
  Pod pod() {
    PodBuilder pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .withUid(uid)
            .withResourceVersion(version)
            .withDeletionTimestamp(deletion)
            .withLabels(labels)
            .endMetadata();
    if (hasSpec) {
      List<ContainerPort> all = new ArrayList<>();
      for (Port port : ports) {
        all.add(
            new ContainerPortBuilder()
                .withName(port.name())
                .withContainerPort(port.number())
                .withProtocol(port.protocol())
                .build());
      }
      pod.withNewSpec()
          .withServiceAccountName(account)
          .withNodeName(node)
          .withContainers(new ContainerBuilder().withPorts(all).build())
          .endSpec();
    }
    if (hasStatus) {
      pod.withNewStatus().withPhase(phase).withPodIP(address).endStatus();
    }
    return pod.build();
  }
}
