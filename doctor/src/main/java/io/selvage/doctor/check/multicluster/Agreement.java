package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Version;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Remotes;
import io.selvage.doctor.view.Words;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Trust domains, and the releases of the control planes, between clusters. */
public final class Agreement {
  /** They agree. */
  public static final Check CHECK =
      new Check.OfMesh(
          CheckInfo.of(
              "SLV8007",
              "clusters accept one another's trust domains, and their releases are near",
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              "R11",
              "R10"),
          Agreement::ask);

  /** Minor releases between which Istio supports a mesh. */
  private static final int FARTHEST = 2;

  private Agreement() {}

  private static void ask(Evidence evidence, Results results) {
    List<ClusterEvidence> clusters = Clusters.of(evidence, results);
    for (ClusterEvidence cluster : clusters) {
      if (!Need.kinds(cluster, results, Kind.CONFIG_MAP)) {
        return;
      }
    }
    Clusters.directions(clusters).forEach(pair -> trust(pair, results));
    Clusters.pairs(clusters)
        .forEach(
            pair -> {
              releases(pair, results);
              names(pair, results);
            });
    if (!clusters.isEmpty() && results.isFine()) {
      results.pass(
          "all of %s accept one another's trust domains"
              .formatted(Words.count(clusters.size(), "cluster")));
    }
  }

  /** Whether the one accepts who comes from the other. */
  private static void trust(Clusters.Pair pair, Results results) {
    String domain = Clusters.trustDomain(pair.other());
    Set<String> accepted = MeshView.of(pair.one()).settings().trustDomains();
    if (accepted.contains(domain) || domain.equals(Clusters.trustDomain(pair.one()))) {
      return;
    }
    results
        .fail(
            "%s does not accept the trust domain %s of %s"
                .formatted(pair.one().context(), domain, pair.other().context()))
        .in(pair.one().context())
        .seen("trustDomain and trustDomainAliases: " + accepted, "GET configmap istio")
        .cause("its settings do not have the other's trust domain among the aliases")
        .effect(
            "calls from %s are refused in the handshake, and policies do not know its callers"
                .formatted(pair.other().context()))
        .next(
            "add %s to trustDomainAliases in %s, and see that policies name no trust domain alone"
                .formatted(domain, pair.one().context()));
  }

  private static void releases(Clusters.Pair pair, Results results) {
    Optional<Version> one = version(pair.one());
    Optional<Version> other = version(pair.other());
    if (one.isEmpty() || other.isEmpty() || !kind(pair.one()).equals(kind(pair.other()))) {
      return;
    }
    boolean far =
        one.get().major() != other.get().major()
            || Math.abs(one.get().minor() - other.get().minor()) > FARTHEST;
    if (far) {
      results
          .warn("%s run %s and %s".formatted(pair.names(), one.get(), other.get()))
          .seen(one.get() + " / " + other.get(), "images of the control planes")
          .effect("what one of them writes into endpoints and names, the other may not understand")
          .next("upgrade the older one, a minor release at a time");
    }
  }

  /** Two clusters with one id are one to a control plane. */
  private static void names(Clusters.Pair pair, Results results) {
    Optional<String> id = Clusters.id(pair.one());
    boolean know =
        List.of(pair.one(), pair.other()).stream()
            .anyMatch(cluster -> !Remotes.secrets(cluster).isEmpty());
    if (know && id.isPresent() && id.equals(Clusters.id(pair.other()))) {
      results
          .fail("%s both call themselves %s".formatted(pair.names(), id.get()))
          .seen("CLUSTER_ID " + id.get(), "GET deployments")
          .cause("the cluster's name was left at its default (global.multiCluster.clusterName)")
          .effect("a control plane takes the endpoints of one for the other's, and refuses tokens")
          .next("give each its own name and install again");
    }
  }

  private static Optional<Version> version(ClusterEvidence cluster) {
    return cluster.flavour().found().map(Flavour::version).flatMap(Version::in);
  }

  private static Optional<Flavour.Kind> kind(ClusterEvidence cluster) {
    return cluster.flavour().found().map(Flavour::kind);
  }
}
