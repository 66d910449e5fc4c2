package io.selvage.control.kubernetes.source;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a mesh asks of a Pod. The rest, most of it, is passed over while the Pod is read: a large
 * cluster's Pods are tens of megabytes. Labels and names of ports are the same words in many Pods,
 * so each word is one object.
 */
@Group("")
@Version("v1")
@Kind("Pod")
@Plural("pods")
@JsonDeserialize(using = JsonDeserializer.None.class) // as itself, not by its kind
@JsonIgnoreProperties(ignoreUnknown = true)
public final class SeenPod implements HasMetadata, Namespaced {
  private ObjectMeta metadata;
  private final @Nullable Spec spec;
  private final @Nullable Status status;

  /** Where it runs as whom. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Spec(
      @Nullable String serviceAccountName,
      @Nullable String nodeName,
      @Nullable List<Container> containers,
      @Nullable List<Container> initContainers) {
    private Spec kept() {
      List<Port> named = new ArrayList<>();
      ports(containers, named);
      ports(initContainers, named);
      return new Spec(
          word(serviceAccountName),
          word(nodeName),
          List.of(new Container(List.copyOf(named))),
          null);
    }

    private static void ports(@Nullable List<Container> containers, List<Port> named) {
      for (Container container : containers == null ? List.<Container>of() : containers) {
        for (Port port : container.ports() == null ? List.<Port>of() : container.ports()) {
          if (port.name() != null) {
            named.add(new Port(word(port.name()), port.containerPort(), word(port.protocol())));
          }
        }
      }
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Container(@Nullable List<Port> ports) {}

  /** A port of a container. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Port(
      @Nullable String name, @Nullable Integer containerPort, @Nullable String protocol) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Status(@Nullable String phase, @Nullable String podIP) {}

  @JsonCreator
  SeenPod(
      @JsonProperty("metadata") @Nullable ObjectMeta metadata,
      @JsonProperty("spec") @Nullable Spec spec,
      @JsonProperty("status") @Nullable Status status) {
    this.metadata = metadata == null ? new ObjectMeta() : kept(metadata);
    this.spec = spec == null ? null : spec.kept();
    this.status = status == null ? null : new Status(word(status.phase()), status.podIP());
  }

  private static ObjectMeta kept(ObjectMeta read) {
    ObjectMeta kept = new ObjectMeta();
    kept.setName(read.getName());
    kept.setNamespace(word(read.getNamespace()));
    kept.setUid(read.getUid());
    kept.setResourceVersion(read.getResourceVersion());
    kept.setDeletionTimestamp(read.getDeletionTimestamp());
    kept.setLabels(words(read.getLabels()));
    kept.setAnnotations(null);
    return kept;
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

  @Override
  public ObjectMeta getMetadata() {
    return metadata;
  }

  @Override
  public void setMetadata(ObjectMeta other) {
    metadata = other;
  }

  @Override
  public void setApiVersion(String version) {
    if (!version.equals("v1")) {
      throw new IllegalArgumentException("a Pod is of v1, not of " + version);
    }
  }

  /** The name of the ServiceAccount that it runs as; empty when nothing is said of how it runs. */
  public Optional<String> account() {
    return spec == null
        ? Optional.empty()
        : Optional.of(
            spec.serviceAccountName() == null || spec.serviceAccountName().isEmpty()
                ? "default"
                : spec.serviceAccountName());
  }

  /** The node that it runs on. */
  Optional<String> node() {
    return spec == null ? Optional.empty() : Optional.ofNullable(spec.nodeName());
  }

  /** The ports that have a name, of containers and then of init containers, in their order. */
  List<Port> ports() {
    return spec == null || spec.containers() == null
        ? List.of()
        : spec.containers().stream().flatMap(one -> one.ports().stream()).toList();
  }

  /** {@code Running} and the like; empty when it is not said. */
  String phase() {
    return status == null || status.phase() == null ? "" : status.phase();
  }

  /** Its address; empty while it has none. */
  Optional<String> address() {
    return status == null ? Optional.empty() : Optional.ofNullable(status.podIP());
  }
}
