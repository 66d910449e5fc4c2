package io.selvage.model;

import io.selvage.model.ApiGroup.Kind;
import io.selvage.model.LimitedParser.LimitExceeded;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Makes resources of YAML text: Istio's security and networking groups, Kubernetes' core, and
 * MeshConfig.
 *
 * <p>Each document is taken whole or refused whole, with problems that name line and field; a
 * refused document never takes the others of its text with it. No text makes the reader throw.
 */
public final class ResourceReader {

  private final String source;
  private final String defaultNamespace;
  private final boolean lines;
  private final List<Resource> resources = new ArrayList<>();
  private final List<ReadResult.Refused> refused = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  private ResourceReader(String source, String defaultNamespace, boolean lines) {
    this.source = source;
    this.defaultNamespace = defaultNamespace;
    this.lines = lines;
  }

  /** Reads a text whose resources are in namespace {@code default} when they name none. */
  public static ReadResult read(String source, String yaml) {
    return read(source, yaml, "default");
  }

  /**
   * Reads a text.
   *
   * @param source what locations show, such as the file's path as the user gave it
   * @param yaml any number of documents
   * @param defaultNamespace of resources that name none
   */
  public static ReadResult read(String source, String yaml, String defaultNamespace) {
    return new ResourceReader(source, defaultNamespace, true).all(yaml);
  }

  /**
   * Reads one object that an API gave, as JSON: nobody wrote its lines, so locations have none.
   *
   * @param source what locations show, such as {@code AuthorizationPolicy pay/deny-x}
   */
  public static ReadResult readObject(String source, String json) {
    return new ResourceReader(source, "default", false).all(json);
  }

  /**
   * Reads one object that an API gave, as the tree that its JSON stands for: maps with names as
   * keys, lists, strings, numbers, truth values and null. As {@link #readObject(String, String)}
   * does it, without writing the text and parsing it again.
   */
  public static ReadResult readObject(String source, Map<String, ?> tree) {
    ResourceReader reader = new ResourceReader(source, "default", false);
    try {
      reader.document(ObjectNodes.of(tree), 0);
    } catch (LimitExceeded e) {
      reader.broken(
          Problem.error(
              ProblemCodes.TOO_LARGE,
              new SourceLocation(source, 0, 0),
              "",
              "this is beyond what is read: " + e.getMessage()));
    }
    return new ReadResult(reader.resources, reader.refused, reader.problems);
  }

  private ReadResult all(String yaml) {
    YamlDocuments.parse(source, 0, yaml, this::document, this::broken);
    return new ReadResult(resources, refused, problems);
  }

  private void broken(Problem problem) {
    Problem told = lines ? problem : problem.at(new SourceLocation(source, 0, 0));
    problems.add(told);
    refused.add(new ReadResult.Refused("", "", "", told.at()));
  }

  private void document(Node node, int lineOffset) {
    Reading reading = lenient(lineOffset);
    if (!(node instanceof MappingNode mapping)) {
      if (!YamlNodes.isNull(node)) {
        broken(
            Problem.error(
                ProblemCodes.NOT_A_RESOURCE,
                reading.at(node),
                "",
                "a resource is an object with apiVersion, kind and metadata"));
      }
      return;
    }
    Fields header = new Fields(reading, mapping, "");
    String kind = header.text("kind", "");
    String apiVersion = header.text("apiVersion", "");
    if (reading.failed()) { // such as a second kind: which one is meant cannot be known
      refuse(header, kind);
    } else if (kind.isEmpty()) {
      header.error(ProblemCodes.NOT_A_RESOURCE, "kind", "is required");
      refuse(header, kind);
    } else if (kind.equals("MeshConfig")) {
      meshConfig(mapping, lineOffset);
    } else if (kind.endsWith("List") && header.has("items")) {
      items(header, lineOffset);
    } else {
      resource(header, mapping, lineOffset, kind, apiVersion);
    }
  }

  private Reading lenient(int lineOffset) {
    return Reading.of(source, lineOffset, lines, false, ProblemCodes.RESOURCE_REFUSED);
  }

  /** What {@code kubectl get -o yaml} prints: a list of resources. */
  private void items(Fields header, int lineOffset) {
    List<Fields> items = header.objects("items");
    if (header.reading().failed()) {
      refuse(header, "");
    }
    items.forEach(item -> document(item.node(), lineOffset));
  }

  private void resource(
      Fields header, MappingNode mapping, int lineOffset, String kind, String apiVersion) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    String version = apiVersion.substring(slash + 1);
    if (group.equals(ApiGroup.SECURITY.name())) {
      known(ApiGroup.SECURITY, header, mapping, lineOffset, version);
    } else if (group.equals(ApiGroup.NETWORKING.name())) {
      known(ApiGroup.NETWORKING, header, mapping, lineOffset, version);
    } else if (looksLikeIstio(kind, group)) {
      wrongGroup(header, kind, group);
    } else if (group.equals(ApiGroup.DISCOVERY.name())) {
      known(ApiGroup.DISCOVERY, header, mapping, lineOffset, version);
    } else if (group.isEmpty() && kind.equals("ConfigMap")) {
      configMap(header, mapping, lineOffset);
    } else if (group.isEmpty() && ApiGroup.CORE.kinds().containsKey(kind)) {
      known(ApiGroup.CORE, header, mapping, lineOffset, version);
    } else {
      ignored(header, kind);
    }
  }

  private void known(
      ApiGroup group, Fields header, MappingNode mapping, int lineOffset, String version) {
    String name = header.text("kind", "");
    Kind kind = group.kinds().get(name);
    if (kind == null) {
      unknownKind(group, header, name);
    } else if (!group.versions().contains(version)) {
      header.error(
          ProblemCodes.UNKNOWN_KIND,
          "apiVersion",
          "%s has no version \"%s\", only %s"
              .formatted(name, version, String.join(", ", group.versions())));
      refuse(header, name);
    } else {
      Reading reading = Reading.of(source, lineOffset, lines, group.strict(), kind.refusal());
      Fields top = new Fields(reading, mapping, "");
      ObjectMeta meta = MetadataReader.read(top, defaultNamespace, !name.equals("Namespace"));
      accept(top, name, kind.reader().apply(meta, top));
    }
  }

  private void unknownKind(ApiGroup group, Fields header, String kind) {
    if (group.otherKinds().contains(kind)) {
      ignored(header, kind);
      return;
    }
    header
        .reading()
        .add(
            Problem.error(
                    ProblemCodes.UNKNOWN_KIND,
                    header.at("kind"),
                    "kind",
                    "%s has no kind \"%s\"".formatted(group.name(), kind))
                .suggesting(Spelling.nearest(kind, group.kinds().keySet())));
    refuse(header, kind);
  }

  /** A group that Istio had once, or one of Istio's kinds in a group that is nearly Istio's. */
  private static boolean looksLikeIstio(String kind, String group) {
    boolean istioKind =
        ApiGroup.SECURITY.kinds().containsKey(kind)
            || ApiGroup.NETWORKING.kinds().containsKey(kind);
    return wasRemoved(group) || (istioKind && (group.isEmpty() || meant(group).isPresent()));
  }

  private static boolean wasRemoved(String group) {
    return group.equals("rbac.istio.io") || group.equals("authentication.istio.io");
  }

  private static Optional<String> meant(String group) {
    return Spelling.nearest(group, List.of(ApiGroup.SECURITY.name(), ApiGroup.NETWORKING.name()));
  }

  private void wrongGroup(Fields header, String kind, String group) {
    ApiGroup right =
        ApiGroup.NETWORKING.kinds().containsKey(kind) ? ApiGroup.NETWORKING : ApiGroup.SECURITY;
    String message =
        wasRemoved(group)
            ? "Istio removed the group %s; nothing enforces this".formatted(group)
            : "there is no %s in the group \"%s\"".formatted(kind, group);
    header
        .reading()
        .add(
            Problem.error(ProblemCodes.UNKNOWN_KIND, header.at("apiVersion"), "apiVersion", message)
                .suggesting(Optional.of(right.name() + "/v1")));
    refuse(header, kind);
  }

  private void meshConfig(MappingNode mapping, int lineOffset) {
    Fields top = new Fields(lenient(lineOffset), mapping, "").skip("apiVersion", "kind", "status");
    ObjectMeta meta =
        top.has("metadata")
            ? MetadataReader.read(top, "", false)
            : new ObjectMeta("default", "", Map.of(), Map.of(), Optional.empty(), top.at());
    boolean wrapped = top.has("spec");
    Fields settings = wrapped ? top.spec() : top;
    MeshConfig config = MeshConfigReader.read(meta, settings);
    settings.finish();
    if (wrapped) {
      top.finish();
    }
    accept(top, "MeshConfig", config);
  }

  /** Istio's ConfigMap {@code istio}, or that of a revision, holds MeshConfig as text. */
  private void configMap(Fields header, MappingNode mapping, int lineOffset) {
    Fields top = new Fields(lenient(lineOffset), mapping, "");
    ObjectMeta meta = MetadataReader.read(top, defaultNamespace, true);
    boolean isMesh = meta.name().equals("istio") || meta.name().startsWith("istio-");
    Fields data = top.objectOrNone("data");
    Optional<EmbeddedText> text = isMesh ? data.embedded("mesh") : Optional.empty();
    if (text.isEmpty()) {
      ignored(header, "ConfigMap");
      return;
    }
    ObjectMeta ofMesh =
        new ObjectMeta(
            meta.name(),
            "",
            meta.labels(),
            meta.annotations(),
            meta.creationTimestamp(),
            meta.at());
    MeshNetworks networks =
        data.embedded("meshNetworks").map(this::networks).orElse(MeshNetworks.NONE);
    YamlDocuments.parse(
        source,
        text.get().firstLine(),
        text.get().text(),
        (node, offset) -> embeddedMesh(ofMesh, networks, node, offset),
        this::broken);
  }

  /** A mistake in it takes away all of it, and not the mesh's other settings beside it. */
  private MeshNetworks networks(EmbeddedText text) {
    List<MeshNetworks> read = new ArrayList<>();
    List<Problem> wrong = new ArrayList<>();
    YamlDocuments.parse(
        source,
        text.firstLine(),
        text.text(),
        (node, offset) -> {
          if (node instanceof MappingNode mapping) {
            Fields fields = new Fields(lenient(offset), mapping, "");
            read.add(MeshNetworksReader.read(fields));
            wrong.addAll(fields.reading().problems());
          }
        },
        wrong::add);
    wrong.forEach(problem -> problems.add(problem.asWarning()));
    return wrong.stream().anyMatch(Problem::isError) || read.size() != 1
        ? MeshNetworks.NONE
        : read.getFirst();
  }

  private void embeddedMesh(ObjectMeta meta, MeshNetworks networks, Node node, int lineOffset) {
    if (node instanceof MappingNode mapping) {
      Fields settings = new Fields(lenient(lineOffset), mapping, "");
      MeshConfig config = MeshConfigReader.read(meta, settings).withNetworks(networks);
      settings.finish();
      accept(settings, "MeshConfig", config);
    } else if (!YamlNodes.isNull(node)) {
      broken(
          Problem.error(
              ProblemCodes.NOT_A_RESOURCE, meta.at(), "data.mesh", "must hold an object"));
    }
  }

  private void accept(Fields top, String kind, Resource resource) {
    problems.addAll(top.reading().problems());
    if (top.reading().failed()) {
      ObjectMeta meta = resource.meta();
      refused.add(
          new ReadResult.Refused(kind, clear(top, meta.namespace()), meta.name(), meta.at()));
    } else {
      resources.add(resource);
    }
  }

  private void ignored(Fields header, String kind) {
    problems.add(
        Problem.notice(
            ProblemCodes.KIND_IGNORED,
            header.at("kind"),
            "kind",
            "%s is none of the kinds that are read here; left alone".formatted(kind)));
  }

  /** Refuses a document that could not be read as its kind, under the name that it may have. */
  private void refuse(Fields header, String kind) {
    problems.addAll(header.reading().problems());
    Fields metadata = header.objectOrNone("metadata");
    refused.add(
        new ReadResult.Refused(
            kind,
            clear(header, metadata.text("namespace", defaultNamespace)),
            metadata.text("name", ""),
            header.at()));
  }

  /** The namespace of a refused document; empty when it isn't sure which one its author meant. */
  private static String clear(Fields top, String namespace) {
    return top.hasUnclear("metadata", "namespace") || !MetadataReader.isLabel(namespace)
        ? ""
        : namespace;
  }
}
