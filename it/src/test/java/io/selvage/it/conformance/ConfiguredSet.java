package io.selvage.it.conformance;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A set's resources with the stage's own, read as our control plane reads them. */
final class ConfiguredSet {
  private static final JsonMapper JSON = JsonMapper.shared();

  private ConfiguredSet() {}

  /**
   * The mesh's settings under a set: the stage's, with what the set says over them.
   *
   * @return MeshConfig
   */
  static ObjectNode mesh(CaseSet set) {
    ObjectNode mesh = JSON.createObjectNode();
    mesh.put("trustDomain", Stage.TRUST_DOMAIN);
    mesh.put("rootNamespace", Stage.ROOT_NAMESPACE);
    var providers = mesh.putArray("extensionProviders");
    provider(providers.addObject(), "check", "envoyExtAuthzHttp", 8000)
        .putArray("includeRequestHeadersInCheck")
        .add(Stage.CHECKED_HEADER);
    provider(providers.addObject(), "check-grpc", "envoyExtAuthzGrpc", 9000);
    set.mesh().properties().forEach(field -> mesh.set(field.getKey(), field.getValue()));
    return mesh;
  }

  private static ObjectNode provider(ObjectNode into, String name, String kind, int port) {
    ObjectNode provider = into.put("name", name).putObject(kind);
    return provider.put("service", "check.stage.internal").put("port", port);
  }

  /** The set's own resources with the run's keys put in, one JSON text each. */
  static List<String> resources(CaseSet set, TokenMint mint) {
    return set.resources().stream().map(JsonNode::toString).map(mint::filledIn).toList();
  }

  /**
   * The mesh under a set.
   *
   * @param generation larger than that of the set before
   */
  static MeshSnapshot snapshot(CaseSet set, TokenMint mint, ObjectNode mesh, long generation) {
    List<Resource> all = new ArrayList<>();
    read("stage", Stage.RESOURCES, all);
    read(
        "mesh",
        JSON.createObjectNode().put("kind", "MeshConfig").set("spec", mesh).toString(),
        all);
    int number = 0;
    for (String resource : resources(set, mint)) {
      read("%s resource %d".formatted(set.name(), number++), resource, all);
    }
    return MeshSnapshot.of(generation, all, List.of());
  }

  private static void read(String source, String text, List<Resource> into) {
    ReadResult result = ResourceReader.read(source, text);
    if (result.hasErrors()) {
      throw new CaseReader.BadCase(
          source,
          String.join(
              "; ",
              result.problems().stream().filter(Problem::isError).map(Problem::render).toList()));
    }
    into.addAll(result.resources());
  }
}
