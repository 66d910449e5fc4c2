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
  private final boolean isSpecified;
  private final @Nullable String account;
  private final @Nullable String node;
  private final List<Port> ports;
  private final String phase;
  private final @Nullable String address;

  /** Where it runs as whom, as it is written. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Spec(
      @Nullable String serviceAccountName,
      @Nullable String nodeName,
      @Nullable List<Container> containers,
      @Nullable List<Container> initContainers) {
    private List<Port> namedPorts() {
      List<Port> named = new ArrayList<>();
      add(containers, named);
      add(initContainers, named);
      return List.copyOf(named);
    }

    private static void add(@Nullable List<Container> containers, List<Port> named) {
      for (Container container : containers == null ? List.<Container>of() : containers) {
        List<Port> ports = container.ports();
        for (Port port : ports == null ? List.<Port>of() : ports) {
          if (port.name() != null) {
            named.add(new Port(word(port.name()), port.containerPort(), word(port.protocol())));
          }
        }
      }
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Container(@Nullable List<Port> ports) {}

  /** A port of a container. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Port(@Nullable String name, @Nullable Integer containerPort, @Nullable String protocol) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Status(@Nullable String phase, @Nullable String podIP) {}

  @JsonCreator
  SeenPod(
      @JsonProperty("metadata") @Nullable ObjectMeta metadata,
      @JsonProperty("spec") @Nullable Spec spec,
      @JsonProperty("status") @Nullable Status status) {
    this.metadata = metadata == null ? new ObjectMeta() : kept(metadata);
    this.isSpecified = spec != null;
    this.account = spec == null ? null : word(spec.serviceAccountName());
    this.node = spec == null ? null : word(spec.nodeName());
    this.ports = spec == null ? List.of() : spec.namedPorts();
    String said = status == null ? null : word(status.phase());
    this.phase = said == null ? "" : said;
    this.address = status == null ? null : status.podIP();
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
    if (!isSpecified) {
      return Optional.empty();
    }
    return Optional.of(account == null || account.isEmpty() ? "default" : account);
  }

  /** The node that it runs on. */
  Optional<String> node() {
    return Optional.ofNullable(node);
  }

  /** The ports that have a name, of containers and then of init containers, in their order. */
  List<Port> ports() {
    return ports;
  }

  /** {@code Running} and the like; empty when it is not said. */
  String phase() {
    return phase;
  }

  /** Its address; empty while it has none. */
  Optional<String> address() {
    return Optional.ofNullable(address);
  }
}
