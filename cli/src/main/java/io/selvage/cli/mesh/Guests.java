package io.selvage.cli.mesh;

import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Workloads that a mesh carries for a while beside those of its plan: the doctor's {@code caller}
 * and {@code echo}, in a namespace of their own. What is declared for them counts there and nowhere
 * else.
 */
final class Guests {
  private static final String PREFIX = "selvage-probe-";
  private static final String SOURCE = "selvage doctor --probe";
  private static final List<String> NAMES = List.of("caller", "echo");
  private static final int PORT = 8080;
  private static final int MOST = 4;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<String, Visit> visits = new LinkedHashMap<>();

  /** One run's. */
  private record Visit(String cluster, Map<String, Resource> resources) {}

  /** The namespace of those of a run. */
  static String namespace(String id) {
    return PREFIX + id;
  }

  /** Whether a namespace is one that only guests are in. */
  static boolean isTheirs(String namespace) {
    return namespace.startsWith(PREFIX);
  }

  /** What is declared beside them and for them. */
  static MeshSnapshot without(MeshSnapshot snapshot) {
    return MeshSnapshot.of(
        snapshot.generation(),
        snapshot.resources().stream()
            .filter(resource -> !isTheirs(resource.meta().namespace()))
            .toList(),
        snapshot.problems());
  }

  /**
   * Takes those of a run in.
   *
   * @param id lower-case letters and digits
   */
  void come(String cluster, String id) throws IOException {
    if (!id.matches("[a-z0-9]{1,16}")) {
      throw new IOException("an id is of up to 16 lower-case letters and digits");
    }
    if (visits.size() >= MOST || visits.containsKey(id)) {
      throw new IOException("others probe this mesh: wait until they have ended");
    }
    visits.put(id, new Visit(cluster, new LinkedHashMap<>()));
  }

  /** Lets those of a run go; empty when there are none. Otherwise their cluster. */
  Optional<String> go(String id) {
    return Optional.ofNullable(visits.remove(id)).map(Visit::cluster);
  }

  /** All that are wanted now. */
  List<WorkloadSpec> workloads() {
    List<WorkloadSpec> all = new ArrayList<>();
    visits.forEach(
        (id, visit) -> NAMES.forEach(name -> all.add(workload(visit.cluster(), id, name))));
    return all;
  }

  private static WorkloadSpec workload(String cluster, String id, String name) {
    return new WorkloadSpec(
        name,
        namespace(id),
        cluster,
        name,
        Map.of("app", name),
        new WorkloadSpec.Command(
            List.of("selvage", "httpbin", "--port", Integer.toString(PORT)),
            Map.of(),
            Optional.empty()),
        List.of(new WorkloadSpec.Port("http", PORT, "TCP")),
        List.of(name),
        WorkloadSpec.Proxy.SELVAGE);
  }

  /** What is declared for them in a cluster. */
  List<Resource> resources(String cluster) {
    return visits.values().stream()
        .filter(visit -> visit.cluster().equals(cluster))
        .flatMap(visit -> visit.resources().values().stream())
        .toList();
  }

  /**
   * Declares something for those of a run, in their namespace, whatever it says of its own.
   *
   * @param json the object
   * @return their cluster
   */
  String declare(String id, String json) throws IOException {
    Visit visit = visit(id);
    ObjectNode object = object(json);
    object.withObject("/metadata").put("namespace", namespace(id));
    ReadResult read = ResourceReader.readObject(SOURCE, JSON.writeValueAsString(object));
    if (read.hasErrors() || read.resources().size() != 1) {
      throw new IOException(
          read.problems().stream().map(Problem::render).collect(Collectors.joining("; ")));
    }
    visit.resources().put(key(object), read.resources().getFirst());
    return visit.cluster();
  }

  /**
   * Takes back what was declared.
   *
   * @param json an object with that kind and name
   * @return their cluster
   */
  String withdraw(String id, String json) throws IOException {
    Visit visit = visit(id);
    if (visit.resources().remove(key(object(json))) == null) {
      throw new IOException("there is no such object");
    }
    return visit.cluster();
  }

  private Visit visit(String id) throws IOException {
    Visit visit = visits.get(id);
    if (visit == null) {
      throw new IOException("there are no workloads of the probe " + id + " any more");
    }
    return visit;
  }

  private static ObjectNode object(String json) throws IOException {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new IOException("no JSON: " + e.getOriginalMessage(), e);
    }
    throw new IOException("no object");
  }

  private static String key(ObjectNode object) {
    return object.path("kind").asString("") + "/" + object.at("/metadata/name").asString("");
  }
}
