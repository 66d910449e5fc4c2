package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.PemText;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Words;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Whether the workloads of two clusters trust each other's certificates. */
public final class CommonRoot {
  /** All pairs share a root. */
  public static final Check CHECK =
      new Check.OfMesh(
          CheckInfo.of(
              "SLV8001",
              "the clusters of a mesh share a root",
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              "R11",
              "R3"),
          CommonRoot::ask);

  private CommonRoot() {}

  /**
   * Of one cluster.
   *
   * @param signs fingerprints of the roots that its certificates lead to
   * @param trusts fingerprints of all roots that its proxies believe
   */
  private record Roots(Set<String> signs, Set<String> trusts, String source) {}

  private static void ask(Evidence evidence, Results results) {
    List<ClusterEvidence> clusters = Clusters.of(evidence, results);
    Map<String, Roots> roots = new LinkedHashMap<>();
    for (ClusterEvidence cluster : clusters) {
      roots(cluster, results).ifPresent(found -> roots.put(cluster.context(), found));
    }
    for (Clusters.Pair pair : Clusters.pairs(clusters)) {
      Roots one = roots.get(pair.one().context());
      Roots other = roots.get(pair.other().context());
      if (one != null && other != null) {
        compare(pair, one, other, results);
      }
    }
    if (!clusters.isEmpty() && results.isFine()) {
      results.pass(
          "all of %s trust one another".formatted(Words.count(clusters.size(), "cluster")));
    }
  }

  private static Optional<Roots> roots(ClusterEvidence cluster, Results results) {
    Look<MeshRoots> look =
        cluster
            .flavour()
            .found()
            .map(flavour -> MeshRoots.of(cluster, flavour))
            .orElseGet(() -> Look.unseen("the mesh is not known"));
    return Need.of(look, "the root of " + cluster.context(), results)
        .map(
            found -> {
              Set<String> signs = new TreeSet<>(found.bundle().fingerprints());
              Set<String> trusts = new TreeSet<>(signs);
              published(cluster).ifPresent(trusts::addAll);
              MeshView.of(cluster)
                  .settings()
                  .caCertificates()
                  .forEach(
                      more ->
                          trusts.addAll(
                              new PemText("caCertificates", more.pem()).bundle().fingerprints()));
              return new Roots(signs, trusts, found.source());
            });
  }

  private static Optional<List<String>> published(ClusterEvidence cluster) {
    return cluster
        .flavour()
        .found()
        .map(Flavour::namespace)
        .flatMap(ns -> cluster.objects().find(Kind.CONFIG_MAP, ns, MeshRoots.CONFIG_MAP))
        .map(map -> MeshRoots.published(map).bundle().fingerprints());
  }

  private static void compare(Clusters.Pair pair, Roots one, Roots other, Results results) {
    boolean there = other.trusts().stream().anyMatch(one.signs()::contains);
    boolean back = one.trusts().stream().anyMatch(other.signs()::contains);
    if (there && back) {
      return;
    }
    if (!Need.settings(pair.one(), results) || !Need.settings(pair.other(), results)) {
      return; // their caCertificates may have the other's root
    }
    results
        .fail(
            "%s have different roots: %s / %s"
                .formatted(pair.names(), shortened(one.signs()), shortened(other.signs())))
        .about(new ObjectRef("ConfigMap", "", MeshRoots.CONFIG_MAP))
        .seen("%s: %s".formatted(pair.one().context(), shortened(one.signs())), one.source())
        .seen("%s: %s".formatted(pair.other().context(), shortened(other.signs())), other.source())
        .cause("each control plane made a root of its own, or only one was rotated")
        .effect(
            there || back
                ? "calls in one direction fail: CERTIFICATE_VERIFY_FAILED"
                : "every call between them fails: CERTIFICATE_VERIFY_FAILED")
        .next(
            "give both one root in steps: first a bundle of both roots everywhere (caCertificates,"
                + " or cacerts' root-cert.pem), then one signer, then the old root out: selvage"
                + " migrate root");
  }

  private static String shortened(Set<String> fingerprints) {
    return Words.some(
        fingerprints.stream()
            .map(hex -> hex.replace(":", ""))
            .map(hex -> hex.length() > 8 ? hex.substring(0, 8) : hex)
            .toList());
  }
}
