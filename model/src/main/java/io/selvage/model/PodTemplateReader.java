package io.selvage.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads what makes Pods, Pods, and WorkloadGroups among a text's documents; documents of other
 * kinds are left to others. Fields that are no business of a mesh are not looked at.
 */
public final class PodTemplateReader {

  private static final String POD = "Pod";
  private static final String REPLICA_SET = "ReplicaSet";
  private static final String PROXY = "istio-proxy";

  /** What Istio's agent is told of its role, and ours. */
  private static final Set<String> ROUTER = Set.of("router", "--in-pod=router");

  /** Where a kind has the Pods' own metadata and spec; the group's name goes before. */
  private static final Map<String, List<String>> TEMPLATES =
      Map.of(
          "v1/" + POD,
          List.of(),
          "v1/ReplicationController",
          List.of("spec", "template"),
          "apps/v1/Deployment",
          List.of("spec", "template"),
          "apps/v1/StatefulSet",
          List.of("spec", "template"),
          "apps/v1/DaemonSet",
          List.of("spec", "template"),
          "apps/v1/ReplicaSet",
          List.of("spec", "template"),
          "batch/v1/Job",
          List.of("spec", "template"),
          "batch/v1/CronJob",
          List.of("spec", "jobTemplate", "spec", "template"));

  private final String source;
  private final String defaultNamespace;
  private final boolean lines;
  private final List<PodTemplate> read = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  private PodTemplateReader(String source, String defaultNamespace, boolean lines) {
    this.source = source;
    this.defaultNamespace = defaultNamespace;
    this.lines = lines;
  }

  /** The good documents, and what is wrong with the others. */
  public record Result(List<PodTemplate> read, List<Problem> problems) {
    public Result {
      read = List.copyOf(read);
      problems = List.copyOf(problems);
    }
  }

  /** Whether documents of a kind hold a template. */
  public static boolean knows(String kind) {
    return kind.equals(PodTemplate.WORKLOAD_GROUP)
        || TEMPLATES.keySet().stream().anyMatch(known -> known.endsWith("/" + kind));
  }

  /**
   * Reads a text.
   *
   * @param source what locations show
   * @param defaultNamespace of objects that name none
   */
  public static Result read(String source, String yaml, String defaultNamespace) {
    PodTemplateReader reader = new PodTemplateReader(source, defaultNamespace, true);
    YamlDocuments.parse(source, 0, yaml, reader::document, reader.problems::add);
    return new Result(reader.read, reader.problems);
  }

  /** Reads one object that an API gave, as {@link ResourceReader#readObject(String, Map)} does. */
  public static Result readObject(String source, Map<String, ?> tree) {
    PodTemplateReader reader = new PodTemplateReader(source, "default", false);
    reader.document(ObjectNodes.of(tree), 0);
    return new Result(reader.read, reader.problems);
  }

  private void document(Node node, int lineOffset) {
    if (!(node instanceof MappingNode mapping)) {
      return;
    }
    Reading reading = Reading.of(source, lineOffset, lines, false, ProblemCodes.RESOURCE_REFUSED);
    Fields top = new Fields(reading, mapping, "");
    String kind = top.text("kind", "");
    if (kind.endsWith("List") && top.has("items")) {
      top.objects("items").forEach(item -> document(item.node(), lineOffset));
      return;
    }
    String version = top.text("apiVersion", "");
    List<String> way = TEMPLATES.get(version + "/" + kind);
    PodTemplate template;
    if (isGroup(version, kind)) {
      template = group(top);
    } else if (way != null) {
      template = template(kind, top, way);
    } else {
      return;
    }
    problems.addAll(reading.problems());
    if (!reading.failed()) {
      read.add(template);
    }
  }

  private static boolean isGroup(String apiVersion, String kind) {
    ApiGroup istio = ApiGroup.NETWORKING;
    return kind.equals(PodTemplate.WORKLOAD_GROUP)
        && istio.versions().stream().anyMatch(v -> apiVersion.equals(istio.name() + "/" + v));
  }

  private PodTemplate template(String kind, Fields top, List<String> way) {
    Fields outer = top.objectOrNone("metadata");
    Fields pods = top;
    for (String step : way) {
      pods = pods.objectOrNone(step);
    }
    Fields metadata = pods.objectOrNone("metadata");
    if (!pods.has("spec")) {
      pods.error(ProblemCodes.MISSING_FIELD, "spec", "is required");
    }
    Fields spec = pods.objectOrNone("spec");
    List<Fields> programs = spec.objects("containers");
    List<Fields> containers = new ArrayList<>(programs);
    containers.addAll(spec.objects("initContainers"));
    String account = spec.text("serviceAccountName", "");
    Fields status = kind.equals(POD) ? top.objectOrNone("status") : Fields.none(spec.reading());
    String phase = status.text("phase", "");
    return new PodTemplate(
        kind,
        outer.text("namespace", defaultNamespace),
        name(outer),
        metadata.textMap("labels"),
        metadata.textMap("annotations"),
        account.isEmpty() ? spec.text("serviceAccount", "default") : account,
        ports(containers),
        containers.stream().map(container -> container.text("name", "")).toList(),
        routes(programs),
        spec.flag("hostNetwork", false),
        addresses(status),
        outer.objects("ownerReferences").stream()
            .map(owner -> owner.text("kind", "") + "/" + owner.text("name", ""))
            .findFirst(),
        phase.equals("Succeeded") || phase.equals("Failed") || isReplaced(kind, top),
        top.at());
  }

  /**
   * What machines are like that register as one of a group. As istiod does when they come, the
   * group's own labels count before those of its template.
   */
  private PodTemplate group(Fields top) {
    Fields outer = top.objectOrNone("metadata");
    Fields spec = top.objectOrNone("spec");
    Fields metadata = spec.objectOrNone("metadata");
    if (!spec.has("template")) {
      spec.error(ProblemCodes.MISSING_FIELD, "template", "is required");
    }
    Fields entry = spec.objectOrNone("template");
    Map<String, String> labels = new LinkedHashMap<>(entry.textMap("labels"));
    labels.putAll(metadata.textMap("labels"));
    return new PodTemplate(
        PodTemplate.WORKLOAD_GROUP,
        outer.text("namespace", defaultNamespace),
        outer.required("name"),
        labels,
        metadata.textMap("annotations"),
        entry.text("serviceAccount", ""),
        entry.portMap("ports").entrySet().stream()
            .map(port -> new PodTemplate.Port(port.getKey(), port.getValue()))
            .toList(),
        List.of(),
        false,
        false,
        List.of(),
        Optional.empty(),
        false,
        top.at());
  }

  private static boolean routes(List<Fields> programs) {
    return programs.size() == 1
        && programs.getFirst().text("name", "").equals(PROXY)
        && programs.getFirst().textsOrNumbers("args").values().stream().anyMatch(ROUTER::contains);
  }

  /** One of an earlier rollout, kept for going back to. */
  private static boolean isReplaced(String kind, Fields top) {
    return kind.equals(REPLICA_SET)
        && !top.objectOrNone("metadata").objects("ownerReferences").isEmpty()
        && top.objectOrNone("spec").count("replicas").orElse(1) == 0
        && top.objectOrNone("status").count("replicas").orElse(0) == 0;
  }

  /** A Job may leave its name to the API server. */
  private static String name(Fields metadata) {
    Optional<String> generated = metadata.text("generateName");
    return generated.isPresent() && !metadata.has("name")
        ? generated.get()
        : metadata.required("name");
  }

  private static List<PodTemplate.Port> ports(List<Fields> containers) {
    List<PodTemplate.Port> ports = new ArrayList<>();
    for (Fields container : containers) {
      for (Fields port : container.objects("ports")) {
        OptionalInt number = port.port("containerPort");
        if (number.isPresent() && port.text("protocol", "TCP").equals("TCP")) {
          ports.add(new PodTemplate.Port(port.text("name", ""), number.getAsInt()));
        }
      }
    }
    return ports;
  }

  private static List<String> addresses(Fields status) {
    List<String> addresses = new ArrayList<>();
    status.objects("podIPs").forEach(one -> one.text("ip").ifPresent(addresses::add));
    if (addresses.isEmpty()) {
      status.text("podIP").filter(ip -> !ip.isEmpty()).ifPresent(addresses::add);
    }
    return addresses;
  }
}
