package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The clusters that a question between clusters is about. */
final class Clusters {
  /** The label that names a network. */
  static final String NETWORK = "topology.istio.io/network";

  private static final String ARGUMENT = "--cluster=";

  private Clusters() {}

  /** Two clusters. */
  record Pair(ClusterEvidence one, ClusterEvidence other) {
    /** {@code east and west}. */
    String names() {
      return one.context() + " and " + other.context();
    }

    /** The same the other way round. */
    Pair reversed() {
      ClusterEvidence first = other;
      return new Pair(first, one);
    }
  }

  /** Those with a mesh; none, and SKIP is said, when there are fewer than two. */
  static List<ClusterEvidence> of(Evidence evidence, Results results) {
    List<ClusterEvidence> all =
        evidence.clusters().stream()
            .filter(
                cluster ->
                    cluster
                        .flavour()
                        .found()
                        .filter(flavour -> flavour.kind() != Flavour.Kind.NONE)
                        .isPresent())
            .toList();
    if (all.size() < 2) {
      results.skip("this is between clusters, and one was given");
      return List.of();
    }
    return all;
  }

  /** Each two of them once. */
  static List<Pair> pairs(List<ClusterEvidence> all) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        pairs.add(new Pair(all.get(i), all.get(j)));
      }
    }
    return pairs;
  }

  /** Each with each other, both ways. */
  static List<Pair> directions(List<ClusterEvidence> all) {
    return pairs(all).stream().flatMap(pair -> Stream.of(pair, pair.reversed())).toList();
  }

  /**
   * Its id in the mesh, as its control plane is told it: istiod by CLUSTER_ID, ours by --cluster.
   */
  static Optional<String> id(ClusterEvidence cluster) {
    return cluster.objects().all(Kind.DEPLOYMENT).stream()
        .filter(
            one ->
                cluster
                    .flavour()
                    .found()
                    .map(Flavour::namespace)
                    .filter(one.namespace()::equals)
                    .isPresent())
        .flatMap(one -> one.at("/spec/template/spec/containers").valueStream())
        .flatMap(container -> Stream.concat(ofVariable(container), ofArgument(container)))
        .filter(id -> !id.isEmpty())
        .findFirst();
  }

  private static Stream<String> ofVariable(JsonNode container) {
    return container
        .path("env")
        .valueStream()
        .filter(variable -> variable.path("name").asString("").equals("CLUSTER_ID"))
        .map(variable -> variable.path("value").asString(""));
  }

  private static Stream<String> ofArgument(JsonNode container) {
    List<String> all = container.path("args").valueStream().map(one -> one.asString("")).toList();
    return all.contains("control")
        ? all.stream()
            .filter(one -> one.startsWith(ARGUMENT))
            .map(one -> one.substring(ARGUMENT.length()))
        : Stream.empty();
  }

  /** On which network it is; empty when it does not say. */
  static String network(ClusterEvidence cluster) {
    return cluster
        .flavour()
        .found()
        .map(Flavour::namespace)
        .flatMap(namespace -> cluster.objects().find(Kind.NAMESPACE, "", namespace))
        .map(namespace -> namespace.labels().getOrDefault(NETWORK, ""))
        .orElse("");
  }

  static String trustDomain(ClusterEvidence cluster) {
    return cluster
        .flavour()
        .found()
        .map(Flavour::trustDomain)
        .filter(domain -> !domain.isEmpty())
        .orElseGet(() -> MeshView.of(cluster).settings().trustDomain());
  }
}
