package io.selvage.doctor.check.access;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** SLV0005: the control plane runs, is ready, and one of its replicas leads. */
public final class ControlPlaneUp {
  private static final String LEASE = "selvage-control";
  private static final Duration LEASE_IS_OLD = Duration.ofMinutes(1);
  private static final Duration RECENT = Duration.ofHours(1);

  private ControlPlaneUp() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV0005",
            "the control plane is ready and has a leader",
            Set.of(Source.OBJECTS, Source.METRICS),
            FixClass.SAFE,
            "R4"),
        ControlPlaneUp::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    List<ControlPlane> planes = Asked.controlPlanes(cluster, results);
    if (planes.isEmpty() || !Need.kinds(cluster, results, Kind.DEPLOYMENT, Kind.POD)) {
      return;
    }
    planes.forEach(plane -> replicas(plane, results));
    if (planes.getFirst().flavour().kind() == Flavour.Kind.SELVAGE) {
      leader(cluster, planes.getFirst(), results);
    }
    if (results.all().isEmpty()) {
      results
          .pass(Shown.some(planes.stream().map(ControlPlane::name).toList()) + " ready")
          .seen("all replicas ready", "GET deployments, pods");
    }
  }

  private static void replicas(ControlPlane plane, Results results) {
    Optional<ApiObject> deployment = plane.deployment();
    if (deployment.isEmpty()) {
      results
          .fail("the Deployment %s is gone".formatted(plane.name()))
          .about(new ObjectRef("Deployment", plane.flavour().namespace(), plane.name()))
          .cause("something still refers to revision " + plane.revision().name())
          .effect("its proxies get neither configuration nor certificates")
          .next("install that revision again, or move its namespaces to another one");
      return;
    }
    int wanted = deployment.get().at("/spec/replicas").asInt(1);
    int ready = deployment.get().at("/status/readyReplicas").asInt(0);
    if (ready >= wanted && wanted > 0) {
      restarts(plane, results);
      return;
    }
    ObjectRef ref = deployment.get().ref();
    var said =
        (ready == 0
                ? results.fail("%s: %d of %d replicas ready".formatted(plane.name(), ready, wanted))
                : results.warn(
                    "%s: %d of %d replicas ready".formatted(plane.name(), ready, wanted)))
            .about(ref)
            .seen("readyReplicas " + ready, "GET " + ref)
            .effect(
                ready == 0
                    ? "no configuration, no certificates, no injection: what runs goes on until its"
                        + " certificates end"
                    : "the rest carries all proxies; the next failure is an outage")
            .next(
                "kubectl -n %s describe pods -l app=%s"
                    .formatted(
                        ref.namespace(),
                        deployment.get().labels().getOrDefault("app", plane.name())))
            .fix(new Fix.Restart("restart " + plane.name(), ref));
    plane.pods().stream()
        .flatMap(ControlPlaneUp::trouble)
        .findFirst()
        .ifPresentOrElse(
            trouble -> {
              said.cause(trouble.words).seen(trouble.words, "GET pods/" + trouble.pod);
              trouble.since.ifPresent(said::since);
            },
            () ->
                said.cause(
                    wanted == 0
                        ? "it is scaled to nothing"
                        : "its Pods are there but not ready, or not there at all"));
  }

  private record Trouble(String pod, String words, Optional<Instant> since) {}

  /** Why a Pod's container does not run, by its status. */
  private static Stream<Trouble> trouble(ApiObject pod) {
    return Stream.concat(
        pod.at("/status/containerStatuses")
            .valueStream()
            .filter(one -> !one.path("ready").asBoolean(false))
            .map(one -> new Trouble(pod.name(), words(one), since(one))),
        pod.at("/status/conditions")
            .valueStream()
            .filter(one -> one.path("type").asString("").equals("PodScheduled"))
            .filter(one -> one.path("status").asString("").equals("False"))
            .map(
                one ->
                    new Trouble(
                        pod.name(),
                        "not scheduled: " + one.path("message").asString(""),
                        Written.instant(one.path("lastTransitionTime").asString("")))));
  }

  private static String words(JsonNode container) {
    String waits = container.at("/state/waiting/reason").asString("");
    JsonNode ended = last(container);
    String before =
        ended.isMissingNode()
            ? ""
            : "; last ended with %s (exit %d)"
                .formatted(ended.path("reason").asString("Error"), ended.path("exitCode").asInt(0));
    return (waits.isEmpty() ? "it runs but is not ready" : waits) + before;
  }

  private static JsonNode last(JsonNode container) {
    JsonNode now = container.at("/state/terminated");
    return now.isMissingNode() ? container.at("/lastState/terminated") : now;
  }

  private static Optional<Instant> since(JsonNode container) {
    return Written.instant(last(container).path("finishedAt").asString(""));
  }

  /** A container that ended within the last hour and runs again. */
  private static void restarts(ControlPlane plane, Results results) {
    for (ApiObject pod : plane.pods()) {
      for (JsonNode container : pod.at("/status/containerStatuses")) {
        Optional<Instant> ended =
            Written.instant(container.at("/lastState/terminated/finishedAt").asString(""))
                .filter(at -> at.isAfter(plane.cluster().taken().minus(RECENT)));
        ended.ifPresent(
            at ->
                results
                    .warn(
                        "%s restarted within the hour: %s (%d times in all)"
                            .formatted(
                                pod.name(),
                                container.at("/lastState/terminated/reason").asString("Error"),
                                container.path("restartCount").asInt(0)))
                    .about(pod.ref())
                    .seen("ended at " + at, "GET " + pod.ref())
                    .cause("see the end of its last log")
                    .effect("each restart is an outage of this replica")
                    .since(at)
                    .next(
                        "kubectl -n %s logs %s --previous --tail=50"
                            .formatted(pod.namespace(), pod.name())));
      }
    }
  }

  private static void leader(ClusterEvidence cluster, ControlPlane plane, Results results) {
    if (Need.all(cluster, Kind.LEASE, results).isEmpty()) {
      return;
    }
    Optional<ApiObject> lease =
        cluster.objects().find(Kind.LEASE, plane.flavour().namespace(), LEASE);
    if (lease.isEmpty() || lease.get().text("/spec/holderIdentity").isEmpty()) {
      return; // nobody was elected yet, or the replica has given it back: readiness says the rest
    }
    Instant now = there(cluster);
    Written.instant(lease.get().text("/spec/renewTime"))
        .filter(renewed -> renewed.isBefore(now.minus(LEASE_IS_OLD)))
        .ifPresent(
            renewed ->
                results
                    .fail(
                        "%s leads no longer: its Lease was renewed %s ago"
                            .formatted(
                                lease.get().text("/spec/holderIdentity"),
                                Shown.duration(Duration.between(renewed, now))))
                    .about(lease.get().ref())
                    .seen("renewTime " + renewed, "GET " + lease.get().ref())
                    .cause("the leader is gone, and no replica can take the Lease")
                    .effect("roots, caBundle and statuses are not kept")
                    .since(renewed)
                    .next(
                        "kubectl -n %s logs deploy/%s | grep -i lease"
                            .formatted(plane.flavour().namespace(), plane.name()))
                    .fix(
                        new Fix.Restart(
                            "restart " + plane.name(),
                            new ObjectRef(
                                "Deployment", plane.flavour().namespace(), plane.name()))));
  }

  /**
   * What time it is in the cluster: a doctor whose own clock is wrong (SLV0004) blames no leader.
   */
  private static Instant there(ClusterEvidence cluster) {
    return cluster.clocks().found().stream()
        .flatMap(List::stream)
        .filter(clock -> clock.party().equals(ClockReading.API_SERVER))
        .findFirst()
        .map(clock -> cluster.taken().plus(clock.ahead()))
        .orElse(cluster.taken());
  }
}
