package io.selvage.control.generate;

import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A mesh written in a file, and what one of its proxies is to be told.
 *
 * <p>Comments at the top of {@code mesh.yaml} say who runs and what to show:
 *
 * <pre>
 * # workload sample/httpbin account=httpbin address=10.0.0.2 app=httpbin [plain] [unbound] [router] [proxy=15002] [locality=r/z] [node=n1]
 * # show virtualInbound inbound|8000||
 * </pre>
 *
 * The first workload's proxy asks; {@code plain} ones have no proxy, {@code unbound} has no
 * capture, {@code discovers} takes its policies apart from its listeners.
 */
record GoldenCase(
    MeshSnapshot snapshot,
    List<WorkloadInstance> workloads,
    ProxyNode node,
    boolean grpc,
    List<String> show) {

  static GoldenCase read(Path folder) throws IOException {
    String text = Files.readString(folder.resolve("mesh.yaml"));
    ReadResult read = ResourceReader.read("mesh.yaml", text);
    if (read.hasErrors()) {
      throw new IllegalArgumentException(folder + ": " + read.problems());
    }
    List<WorkloadInstance> workloads = new ArrayList<>();
    List<String> show = new ArrayList<>();
    ProxyNode.Interception interception = ProxyNode.Interception.REDIRECT;
    OptionalInt httpProxy = OptionalInt.empty();
    boolean grpc = false;
    boolean discovers = false;
    ProxyNode.Kind kind = ProxyNode.Kind.SIDECAR;
    for (String line : text.lines().toList()) {
      List<String> words = List.of(line.split(" +"));
      if (line.startsWith("# workload ")) {
        if (workloads.isEmpty() && words.contains("unbound")) {
          interception = ProxyNode.Interception.NONE;
        }
        if (workloads.isEmpty() && words.contains("router")) {
          kind = ProxyNode.Kind.ROUTER;
        }
        discovers |= workloads.isEmpty() && words.contains("discovers");
        grpc |= workloads.isEmpty() && words.contains("grpc");
        for (String word : words) {
          if (workloads.isEmpty() && word.startsWith("proxy=")) {
            httpProxy = OptionalInt.of(Integer.parseInt(word.substring(6)));
          }
        }
        workloads.add(workload(words));
      } else if (line.startsWith("# show ")) {
        show.addAll(words.subList(2, words.size()));
      }
    }
    workloads.sort(null);
    WorkloadInstance first =
        workload(
            List.of(
                text.lines()
                    .filter(l -> l.startsWith("# workload "))
                    .findFirst()
                    .orElseThrow()
                    .split(" +")));
    return new GoldenCase(
        MeshSnapshot.of(1, read.resources(), read.problems()),
        List.copyOf(workloads),
        new ProxyNode("node", kind, first, interception, httpProxy, discovers),
        grpc,
        show);
  }

  private static WorkloadInstance workload(List<String> words) {
    String[] name = words.get(2).split("/", 2);
    Map<String, String> labels = new HashMap<>();
    for (String word : words.subList(3, words.size())) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        labels.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    String account = labels.remove("account");
    String address = labels.remove("address");
    String cluster = labels.remove("cluster");
    String network = labels.remove("network");
    String weight = labels.remove("weight");
    String locality = labels.remove("locality");
    String runsOn = labels.remove("node");
    labels.remove("proxy");
    return new WorkloadInstance(
        name[1],
        name[0],
        account == null ? "default" : account,
        labels,
        address == null ? "10.0.0.1" : address,
        Map.of("web", 8080),
        Map.of(),
        cluster == null ? "east" : cluster,
        network == null ? "" : network,
        locality == null ? "" : locality,
        runsOn == null ? "" : runsOn,
        weight == null ? 1 : Integer.parseInt(weight),
        !words.contains("plain"));
  }

  MeshState state() {
    return MeshState.of(
        snapshot, workloads, rule -> rule.jwks().orElse("{\"fetched\":true}"), TrustBundle.empty());
  }

  /** The resources to show, as text. */
  String generated(PolicyTranslation translation) {
    Map<String, Object> all = all(new ResourceGenerator(translation).round(state()));
    return all.entrySet().stream()
            .filter(r -> show.contains(r.getKey().substring(r.getKey().indexOf(' ') + 1)))
            .map(r -> RecordPrinter.print(r.getValue()))
            .map(text -> text.strip() + "\n\n")
            .collect(Collectors.joining())
        + "all resources:\n"
        + String.join("\n", all.keySet())
        + "\n";
  }

  /** By kind and name. */
  private Map<String, Object> all(ResourceGenerator.Round round) {
    Map<String, Object> all = new LinkedHashMap<>();
    if (!grpc) {
      ProxyResources resources = round.resources(node);
      Stream.of(
              resources.listeners(),
              resources.inbound().policies(),
              resources.inbound().marks(),
              resources.routes(),
              resources.clusters(),
              resources.endpoints(),
              resources.endpointsByNode())
          .flatMap(List::stream)
          .forEach(r -> all.put(r.getClass().getSimpleName() + " " + r.name(), r));
      return all;
    }
    GrpcResources resources = round.grpc(node);
    Stream.of(
            resources.inbound().listeners(),
            resources.outbound().listeners(),
            resources.outbound().clusters())
        .flatMap(List::stream)
        .forEach(r -> all.put(r.getClass().getSimpleName() + " " + r.name(), r));
    resources.outbound().routes().forEach(r -> all.put("RouteConfiguration " + r.name(), r));
    Stream.of(resources.endpoints(), resources.endpointsByNode())
        .flatMap(List::stream)
        .forEach(r -> all.put("ClusterLoadAssignment " + r.name(), r));
    resources.problems().forEach(problem -> all.put("Problem " + problem, problem));
    return all;
  }
}
