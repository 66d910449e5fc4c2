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
import io.selvage.doctor.view.Capture;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.EffectivePeerAuthentication.Scope;
import io.selvage.model.PeerAuthentication.Mode;
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

  private static final int PROXY_UID = 1337;

  private Bypass() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.POD, Kind.SERVICE, Kind.PEER_AUTHENTICATION)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.PEER_AUTHENTICATION);
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
    Capture capture = Capture.of(pod);
    if (mesh.isObscure(pod.namespace(), Kind.PEER_AUTHENTICATION)) {
      return;
    }
    for (InboundPort port : mesh.ports(pod)) {
      EffectivePeerAuthentication effective =
          mesh.snapshotFor(pod).effectivePeerAuthentication(pod.view(), port.number());
      Optional<Capture.Gap> gap = capture.inbound(port.number());
      if (gap.isEmpty() || effective.mode() != Mode.STRICT) {
        continue;
      }
      if (!capture.isOff()) {
        around(cluster, pod, port.number(), effective, gap.get(), results);
      } else if (!Need.kinds(cluster, results, Kind.SIDECAR)) {
        return;
      } else if (!isServedByProxy(cluster, pod, port.number())) {
        around(cluster, pod, port.number(), effective, gap.get(), results);
      }
    }
  }

  /** Without capture the proxy itself listens at the ports that a Sidecar's ingress names. */
  private static boolean isServedByProxy(ClusterEvidence cluster, PodView pod, int port) {
    return cluster.objects().all(Kind.SIDECAR).stream()
        .filter(sidecar -> sidecar.namespace().equals(pod.namespace()))
        .flatMap(sidecar -> sidecar.at("/spec/ingress").valueStream())
        .anyMatch(ingress -> ingress.at("/port/number").asInt(0) == port);
  }

  private static void around(
      ClusterEvidence cluster,
      PodView pod,
      int port,
      EffectivePeerAuthentication effective,
      Capture.Gap gap,
      Results results) {
    var said =
        results
            .fail(
                "%s:%d is %s, but connections to it are not captured"
                    .formatted(pod.qualified(), port, Modes.words(effective)))
            .about(pod.ref())
            .seen(gap.words(), "GET pod " + pod.qualified())
            .cause(
                gap.annotation().isPresent()
                    ? "an annotation of the Pod takes the port out of capture"
                    : "the injector was told so for all Pods (global.proxy of Istio's values, or the"
                        + " mesh's defaultConfig)")
            .effect("plaintext reaches the application; no policy and no identity there")
            .next(
                gap.annotation().isPresent()
                    ? "take the port out of the annotation in the Pod's template"
                    : "take the port out of what the injector is told, and make the Pods anew");
    Optional<ObjectRef> workload = Owners.workload(cluster.objects(), pod.pod());
    gap.annotation()
        .ifPresent(
            annotation ->
                workload
                    .filter(owner -> isOfTemplate(cluster, owner, annotation))
                    .ifPresent(owner -> said.fix(captured(owner, annotation))));
  }

  /** With Istio's CNI plugin the injector writes annotations, too. */
  private static boolean isOfTemplate(ClusterEvidence cluster, ObjectRef owner, String annotation) {
    return Kind.named(owner.kind())
        .flatMap(kind -> cluster.objects().find(kind, owner.namespace(), owner.name()))
        .map(found -> found.at("/spec/template/metadata/annotations").has(annotation))
        .orElse(true);
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
    Capture.of(pod)
        .outbound()
        .ifPresent(
            gap ->
                results
                    .warn("%s sends everything around its proxy".formatted(pod.qualified()))
                    .about(pod.ref())
                    .seen(gap.words(), "GET pod " + pod.qualified())
                    .effect(
                        "it calls in plaintext and without an identity; STRICT servers refuse it")
                    .next("narrow what is excluded, in the Pod's template or the installation"));
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
          mesh.snapshotFor(pod).effectivePeerAuthentication(pod.view(), port.number());
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
}
