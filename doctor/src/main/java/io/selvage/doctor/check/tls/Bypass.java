package io.selvage.doctor.check.tls;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.EffectivePeerAuthentication.Scope;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Ways around the proxy, on Pods and ports that only mTLS is meant to reach. */
public final class Bypass {
  /** Nothing goes around the proxy. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV2006",
              "nothing goes around the proxy of a STRICT workload",
              Status.FAIL,
              Set.of(Source.OBJECTS),
              FixClass.PRINTED,
              List.of("R1"),
              Optional.of("IST0144")),
          Bypass::ask);

  private static final String ANNOTATIONS = "traffic.sidecar.istio.io/";
  private static final int PROXY_UID = 1337;
  private static final Set<String> EVERYTHING = Set.of("*", "0.0.0.0/0");

  private Bypass() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.POD, Kind.SERVICE, Kind.PEER_AUTHENTICATION)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    List<PodView> sidecars = mesh.sidecars();
    for (PodView pod : sidecars) {
      excludedInbound(cluster, mesh, pod, results);
      excludedOutbound(pod, results);
      proxyUser(pod, results);
    }
    Set<String> inMesh = new TreeSet<>();
    sidecars.forEach(pod -> inMesh.add(pod.namespace()));
    mesh.pods().stream()
        .filter(pod -> !pod.isInMesh() && inMesh.contains(pod.namespace()))
        .forEach(pod -> leftOut(mesh, pod, results));
    if (results.isFine()) {
      results.pass(
          "no port or program of %s goes around the proxy"
              .formatted(Words.count(sidecars.size(), "Pod")));
    }
  }

  private static void excludedInbound(
      ClusterEvidence cluster, MeshView mesh, PodView pod, Results results) {
    List<String> excluded = list(pod, "excludeInboundPorts");
    List<String> included = list(pod, "includeInboundPorts");
    boolean some = !included.isEmpty() && !included.contains("*");
    for (InboundPort port : mesh.ports(pod)) {
      String number = String.valueOf(port.number());
      EffectivePeerAuthentication effective =
          mesh.snapshot().effectivePeerAuthentication(pod.view(), port.number());
      boolean around = excluded.contains(number) || (some && !included.contains(number));
      if (around && effective.mode() == Mode.STRICT) {
        String annotation =
            ANNOTATIONS
                + (excluded.contains(number) ? "excludeInboundPorts" : "includeInboundPorts");
        var said =
            results
            .fail(
                "%s:%s is %s, but connections to it are not captured"
                    .formatted(pod.qualified(), number, Modes.words(effective)))
            .about(pod.ref())
            .seen(annotation + ": " + pod.annotation(annotation), "GET pod " + pod.qualified())
            .cause("an annotation of the Pod takes the port out of capture")
            .effect("plaintext reaches the application; no policy and no identity there")
            .next("take the port out of the annotation in the Pod's template");
        Owners.workload(cluster.objects(), pod.pod())
            .ifPresent(workload -> said.fix(captured(workload, annotation)));
      }
    }
  }

  /** What takes an annotation out of a workload's template; its Pods are made anew. */
  private static Fix captured(ObjectRef workload, String annotation) {
    String path = "/spec/template/metadata/annotations/" + annotation.replace("/", "~1");
    return new Fix.Command(
        "capture all ports of %s again".formatted(workload),
        "kubectl -n %s patch %s %s --type=json -p '[{\"op\":\"remove\",\"path\":\"%s\"}]'"
            .formatted(
                workload.namespace(),
                workload.kind().toLowerCase(Locale.ROOT),
                workload.name(),
                path));
  }

  private static void excludedOutbound(PodView pod, Results results) {
    List<String> ranges = list(pod, "excludeOutboundIPRanges");
    if (ranges.stream().anyMatch(EVERYTHING::contains)) {
      results
          .warn("%s sends everything around its proxy".formatted(pod.qualified()))
          .about(pod.ref())
          .seen(
              "%sexcludeOutboundIPRanges: %s".formatted(ANNOTATIONS, String.join(",", ranges)),
              "GET pod " + pod.qualified())
          .effect("it calls in plaintext and without an identity; STRICT servers refuse it")
          .next("narrow the annotation in the Pod's template");
    }
  }

  private static void proxyUser(PodView pod, Results results) {
    int ofPod = pod.pod().at("/spec/securityContext/runAsUser").asInt(0);
    for (JsonNode program : (Iterable<JsonNode>) pod.programs()::iterator) {
      if (program.at("/securityContext/runAsUser").asInt(ofPod) == PROXY_UID) {
        results
            .fail(
                "container %s of %s runs as user 1337, the proxy's own"
                    .formatted(program.path("name").asString(""), pod.qualified()))
            .about(pod.ref())
            .cause("capture leaves out what this user sends, so that the proxy can send at all")
            .effect("it calls in plaintext and without an identity")
            .next("set another runAsUser in the Pod's template");
      }
    }
  }

  /** A Pod that is taken out of the mesh on purpose, where only mTLS is meant to be accepted. */
  private static void leftOut(MeshView mesh, PodView pod, Results results) {
    boolean out =
        pod.usesHostNetwork()
            || "false".equals(pod.labels().get("sidecar.istio.io/inject"))
            || "false".equals(pod.annotation("sidecar.istio.io/inject"));
    if (!out) {
      return;
    }
    for (InboundPort port : mesh.ports(pod)) {
      EffectivePeerAuthentication effective =
          mesh.snapshot().effectivePeerAuthentication(pod.view(), port.number());
      boolean meant = effective.scope() != Scope.DEFAULT && effective.mode() == Mode.STRICT;
      if (meant) {
        results
            .warn(
                "%s:%d is meant to be %s, but the Pod has no proxy"
                    .formatted(pod.qualified(), port.number(), Modes.words(effective)))
            .about(pod.ref())
            .cause(
                pod.usesHostNetwork()
                    ? "it uses the node's network, where nothing is captured"
                    : "sidecar.istio.io/inject is false")
            .effect("plaintext reaches the application; no policy and no identity there")
            .next("let it be injected, or guard it with a NetworkPolicy");
        return;
      }
    }
  }

  private static List<String> list(PodView pod, String annotation) {
    return Arrays.stream(pod.annotation(ANNOTATIONS + annotation).split(",", -1))
        .map(String::strip)
        .filter(one -> !one.isEmpty())
        .toList();
  }
}
