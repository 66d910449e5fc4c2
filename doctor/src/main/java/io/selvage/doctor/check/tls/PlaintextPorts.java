package io.selvage.doctor.check.tls;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which ports take plaintext, and which object decides it. A mesh in which nothing says what is
 * wanted takes plaintext everywhere by Istio's default: that is told, and is no finding.
 */
public final class PlaintextPorts {
  /** The effective mode of every port. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV2003",
              "no port takes plaintext by an exception",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.CONSENTED,
              List.of("R1"),
              Optional.empty()),
          PlaintextPorts::ask);

  private PlaintextPorts() {}

  private record Port(PodView pod, int number, EffectivePeerAuthentication effective) {}

  /** What a row of results is about: an object and a port if that is an exception. */
  private record Decision(
      PeerAuthentication by, EffectivePeerAuthentication.Scope scope, Mode mode) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.PEER_AUTHENTICATION, Kind.POD, Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    boolean isClear = Need.understood(mesh, results, Kind.PEER_AUTHENTICATION);
    List<Port> ports = ports(mesh);
    if (ports.isEmpty()) {
      if (isClear) {
        results.skip("no workload of the mesh has a port that a Service names");
      }
      return;
    }
    List<Port> open = ports.stream().filter(p -> p.effective().mode() != Mode.STRICT).toList();
    if (open.stream().allMatch(port -> port.effective().decidedBy().isEmpty())) {
      undecided(cluster, open, ports, results);
      return;
    }
    Map<Decision, List<Port>> byDecision = new LinkedHashMap<>();
    open.forEach(
        port ->
            port.effective()
                .decidedBy()
                .ifPresent(
                    by ->
                        byDecision
                            .computeIfAbsent(
                                new Decision(by, port.effective().scope(), port.effective().mode()),
                                _ -> new ArrayList<>())
                            .add(port)));
    byDecision.forEach((decision, of) -> open(cluster, decision, of, results));
    List<Port> unsaid = open.stream().filter(p -> p.effective().decidedBy().isEmpty()).toList();
    if (!unsaid.isEmpty() && open.size() < ports.size()) {
      undecided(cluster, unsaid, ports, results);
    }
  }

  private static List<Port> ports(MeshView mesh) {
    List<Port> all = new ArrayList<>();
    for (PodView pod : mesh.sidecars()) {
      if (mesh.isObscure(pod.namespace(), Kind.PEER_AUTHENTICATION)) {
        continue;
      }
      for (InboundPort port : mesh.ports(pod)) {
        all.add(
            new Port(
                pod,
                port.number(),
                mesh.snapshotFor(pod).effectivePeerAuthentication(pod.view(), port.number())));
      }
    }
    return all;
  }

  private static void undecided(
      ClusterEvidence cluster, List<Port> open, List<Port> all, Results results) {
    if (open.isEmpty()) {
      results.pass("STRICT at all of %s".formatted(Words.count(all.size(), "port")));
    } else if (open.size() == all.size()) {
      results
          .pass(
              "nothing says what is wanted: %s by Istio's default, PERMISSIVE, take plaintext and mTLS"
                  .formatted(Words.count(open.size(), "port")))
          .next(
              "when all callers are in the mesh: a PeerAuthentication in the root namespace with"
                  + " mtls.mode STRICT");
    } else {
      results
          .warn(
              "%s of %s take plaintext by Istio's default, while others are STRICT: %s"
                  .formatted(
                      open.size(),
                      Words.count(all.size(), "port"),
                      Words.some(open.stream().map(PlaintextPorts::name).toList())))
          .cause("no PeerAuthentication is for their namespaces")
          .effect("plaintext is accepted there, from anybody who reaches the address")
          .fix(
              Modes.strict(
                  open.getFirst().effective(),
                  open.getFirst().pod().namespace(),
                  open.getFirst().number()))
          .seen(
              "namespaces without a PeerAuthentication: "
                  + Words.some(new TreeSet<>(open.stream().map(p -> p.pod().namespace()).toList())),
              "GET peerauthentications in " + cluster.context());
    }
  }

  private static void open(
      ClusterEvidence cluster, Decision decision, List<Port> ports, Results results) {
    Port first = ports.getFirst();
    var said =
        results
            .warn(
                "%s at %s: %s"
                    .formatted(
                        Modes.words(first.effective()),
                        Words.count(ports.size(), "port"),
                        Words.some(ports.stream().map(PlaintextPorts::name).toList())))
            .about(Modes.ref(decision.by()))
            .effect(
                decision.mode() == Mode.DISABLE
                    ? "TLS is not ended there: callers have no identity, and policies that name one"
                        + " match nobody"
                    : "plaintext is accepted there, from anybody who reaches the address")
            .next("set it to STRICT when all callers are in the mesh (SLV2010 shows who is not)")
            .fix(Modes.strict(first.effective(), first.pod().namespace(), first.number()));
    cluster
        .objects()
        .find(
            Kind.PEER_AUTHENTICATION, decision.by().meta().namespace(), decision.by().meta().name())
        .flatMap(Written::of)
        .ifPresent(
            written ->
                said.since(written.at())
                    .seen("written " + written, "GET " + Modes.ref(decision.by())));
  }

  private static String name(Port port) {
    return port.pod().qualified() + ":" + port.number();
  }
}
