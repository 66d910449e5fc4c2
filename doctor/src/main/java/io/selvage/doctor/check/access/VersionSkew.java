package io.selvage.doctor.check.access;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.mesh.Version;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * SLV0006: proxies are no older than the control plane supports. Istio: "the data plane may be up
 * to two minor versions behind", and never ahead.
 */
public final class VersionSkew {
  private static final int BEHIND = 2;

  private VersionSkew() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV0006",
            "proxies are at most two minor versions behind the control plane",
            Status.FAIL,
            Set.of(Source.OBJECTS, Source.CONFIG),
            FixClass.PRINTED,
            List.of(),
            Optional.of("IST0158")),
        VersionSkew::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    Optional<List<ApiObject>> pods =
        flavour.isEmpty() ? Optional.empty() : Need.all(cluster, Kind.POD, results);
    if (pods.isEmpty()) {
      return;
    }
    Optional<Version> any = Version.in(flavour.orElseThrow().version());
    if (any.isEmpty()) {
      results.unknown("the control plane does not say which version it is");
      return;
    }
    Map<String, Version> planes = planes(cluster, flavour.orElseThrow());
    Map<Version, Map<Version, List<ApiObject>>> byPlane = new TreeMap<>();
    versions(cluster, pods.get())
        .forEach(
            (version, some) ->
                some.forEach(
                    pod ->
                        byPlane
                            .computeIfAbsent(
                                planes.getOrDefault(new PodView(pod).revision(), any.get()),
                                _ -> new TreeMap<>())
                            .computeIfAbsent(version, _ -> new ArrayList<>())
                            .add(pod)));
    if (byPlane.isEmpty()) {
      results.skip("no proxy says which version it is");
      return;
    }
    byPlane.forEach(
        (plane, byVersion) ->
            byVersion.forEach((version, some) -> judge(version, some, plane, results)));
    if (results.all().isEmpty()) {
      byPlane.forEach(
          (plane, byVersion) ->
              results
                  .pass("control plane %s, proxies %s".formatted(plane, byVersion.keySet()))
                  .seen(byVersion.keySet().toString(), "proxies' nodes and images"));
    }
  }

  /** By revision, where there are several: each has its own proxies. */
  private static Map<String, Version> planes(ClusterEvidence cluster, Flavour flavour) {
    List<ControlPlane> all = ControlPlane.of(cluster, flavour);
    Map<String, Version> found = new HashMap<>();
    if (all.size() > 1) {
      all.forEach(
          plane ->
              plane.version().ifPresent(version -> found.put(plane.revision().name(), version)));
    }
    return found;
  }

  private static void judge(Version version, List<ApiObject> pods, Version plane, Results results) {
    boolean old = version.major() == plane.major() && version.minor() < plane.minor() - BEHIND;
    boolean ahead = version.compareTo(plane) > 0;
    if (!old && !ahead && version.major() == plane.major()) {
      return;
    }
    String what = "%d proxies at %s, control plane %s".formatted(pods.size(), version, plane);
    var said = ahead ? results.warn(what) : results.fail(what);
    pods.stream().limit(5).forEach(pod -> said.about(pod.ref()));
    said.seen(
            Shown.some(pods.stream().map(ApiObject::ref).map(ObjectRef::toString).toList()),
            "ISTIO_VERSION of the proxy's node, image of istio-proxy")
        .cause(
            ahead
                ? "the control plane was not upgraded first, or was rolled back"
                : "the Pods were not made anew after the control plane was upgraded")
        .effect("configuration may be refused, or fields of it passed over")
        .next(
            ahead
                ? "upgrade the control plane"
                : "restart their workloads: kubectl -n %s rollout restart deployment"
                    .formatted(pods.getFirst().namespace()));
  }

  /** By what the proxy says itself; where that was not seen, by its image. */
  private static Map<Version, List<ApiObject>> versions(
      ClusterEvidence cluster, List<ApiObject> pods) {
    Map<String, Version> said = new HashMap<>();
    for (ProxyView proxy : cluster.proxies().found().orElse(List.of())) {
      proxy
          .configDump()
          .found()
          .flatMap(VersionSkew::version)
          .ifPresent(version -> said.put(proxy.namespace() + "/" + proxy.name(), version));
    }
    Map<Version, List<ApiObject>> byVersion = new TreeMap<>();
    for (ApiObject pod : pods) {
      PodView view = new PodView(pod);
      if (view.isOver() || !(view.hasSidecar() || view.isGateway())) {
        continue;
      }
      Optional.ofNullable(said.get(view.qualified()))
          .or(() -> ofImage(view))
          .ifPresent(
              version -> byVersion.computeIfAbsent(version, _ -> new ArrayList<>()).add(pod));
    }
    return byVersion;
  }

  private static Optional<Version> version(JsonNode dump) {
    return dump.path("configs")
        .valueStream()
        .map(one -> one.at("/bootstrap/node/metadata/ISTIO_VERSION").asString(""))
        .filter(text -> !text.isEmpty())
        .findFirst()
        .flatMap(Version::in);
  }

  private static Optional<Version> ofImage(PodView pod) {
    return pod.containers()
        .filter(one -> one.path("name").asString("").equals("istio-proxy"))
        .map(one -> one.path("image").asString(""))
        .filter(image -> image.lastIndexOf(':') > image.lastIndexOf('/'))
        .findFirst()
        .flatMap(image -> Version.in(image.substring(image.lastIndexOf(':') + 1)));
  }
}
