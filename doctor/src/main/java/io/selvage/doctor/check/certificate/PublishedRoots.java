package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ManagedFields;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.PemText;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Written;
import io.selvage.pki.TrustBundle;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * SLV1004: every namespace has the roots that are in use. The ConfigMap {@code istio-ca-root-cert}
 * is what Pods trust the control plane by, and what proxies of some versions trust peers by.
 */
public final class PublishedRoots {
  private PublishedRoots() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1004",
            "every namespace has the root that is in use",
            Set.of(Source.OBJECTS),
            FixClass.SAFE,
            "R3",
            "R4"),
        PublishedRoots::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty()
        || !Need.kinds(cluster, results, Kind.CONFIG_MAP, Kind.NAMESPACE, Kind.POD)) {
      return;
    }
    Optional<MeshRoots> roots = Need.of(MeshRoots.of(cluster, flavour.get()), "the root", results);
    if (roots.isEmpty()) {
      return;
    }
    List<ApiObject> maps =
        cluster.objects().all(Kind.CONFIG_MAP).stream()
            .filter(map -> map.name().equals(MeshRoots.CONFIG_MAP))
            .toList();
    if (maps.isEmpty() && flavour.get().kind() == Flavour.Kind.ASM_MANAGED) {
      results.skip("the managed control plane publishes no ConfigMap of roots here");
      return;
    }
    maps.forEach(map -> judge(map, roots.get(), results));
    Set<String> without = withPods(cluster);
    maps.forEach(map -> without.remove(map.namespace()));
    without.forEach(namespace -> missing(namespace, results));
    if (results.all().isEmpty()) {
      results
          .pass(
              "%d namespaces have root %s"
                  .formatted(maps.size(), Shown.fingerprints(roots.get().bundle())))
          .seen(roots.get().source(), "GET configmaps/" + MeshRoots.CONFIG_MAP + " -A");
    }
  }

  private static void judge(ApiObject map, MeshRoots roots, Results results) {
    PemText published = MeshRoots.published(map);
    TrustBundle bundle = published.bundle();
    boolean holds = roots.bundle().roots().stream().allMatch(bundle::contains);
    if (holds) {
      return;
    }
    Optional<Written> writer = ManagedFields.ofData(map, "root-cert.pem");
    var said =
        results
            .fail(
                published.problem().isPresent()
                    ? "ns %s: the published root cannot be read".formatted(map.namespace())
                    : "ns %s holds root %s, in use is %s"
                        .formatted(
                            map.namespace(),
                            Shown.fingerprints(bundle),
                            Shown.fingerprints(roots.bundle())))
            .about(map.ref())
            .seen(
                published.problem().orElse("published " + Shown.fingerprints(bundle)),
                "GET " + map.ref())
            .seen("in use " + Shown.fingerprints(roots.bundle()), roots.source())
            .cause(
                writer.map(who -> "it was last written " + who).orElse("nobody keeps it in step")
                    + "; the control plane writes it anew when it is gone")
            .effect("Pods there trust neither the control plane nor new certificates")
            .next("kubectl -n %s delete configmap %s".formatted(map.namespace(), map.name()))
            .fix(
                new Fix.Delete(
                    "have the control plane write the root anew in " + map.namespace(),
                    "v1",
                    map.ref()));
    writer.map(Written::at).ifPresent(said::since);
  }

  private static Set<String> withPods(ClusterEvidence cluster) {
    Set<String> namespaces = new TreeSet<>();
    cluster.objects().all(Kind.POD).stream()
        .map(PodView::new)
        .filter(pod -> !pod.isOver() && pod.isInMesh())
        .filter(PublishedRoots::mountsIt)
        .forEach(pod -> namespaces.add(pod.namespace()));
    return namespaces;
  }

  /** Some meshes give the root another way, such as by a ClusterTrustBundle. */
  private static boolean mountsIt(PodView pod) {
    return pod.pod()
        .at("/spec/volumes")
        .valueStream()
        .anyMatch(volume -> volume.at("/configMap/name").asString("").equals(MeshRoots.CONFIG_MAP));
  }

  private static void missing(String namespace, Results results) {
    results
        .fail("ns %s has Pods of the mesh, but no root".formatted(namespace))
        .about(new ObjectRef("ConfigMap", namespace, MeshRoots.CONFIG_MAP))
        .seen("no ConfigMap " + MeshRoots.CONFIG_MAP, "GET configmaps -A")
        .cause(
            "the control plane does not keep it: it lacks the right to, its leader is gone, or"
                + " discoverySelectors leave the namespace out")
        .effect("new Pods there do not start: their volume cannot be mounted")
        .next("kubectl -n %s get configmap %s -w".formatted(namespace, MeshRoots.CONFIG_MAP));
  }
}
