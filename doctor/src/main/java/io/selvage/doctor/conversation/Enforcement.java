package io.selvage.doctor.conversation;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.HttpFields;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.PodView;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.PortProtocol;
import io.selvage.model.SourceLocation;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Prover;
import io.selvage.prove.ReachReport;
import io.selvage.prove.Row;
import io.selvage.prove.SourceSelection;
import io.selvage.prove.WorkloadSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is asked of a request where it arrives: TLS, then policy. */
final class Enforcement {
  private Enforcement() {}

  /** What hangs on settings that could not be seen. */
  static Hop unknown(String name) {
    return Hop.of(
        name,
        Status.UNKNOWN,
        "the mesh's settings could not be seen: root namespace and trust domain may be any");
  }

  private static Hop obscure(String name, String kind) {
    return Hop.of(
        name,
        Status.UNKNOWN,
        "a %s that may be for the callee is not understood: what holds there is not known"
            .formatted(kind));
  }

  static Hop tls(MeshView mesh, PodView caller, PodView called, int port) {
    if (mesh.isObscure(called.namespace(), Kind.PEER_AUTHENTICATION)) {
      return obscure("TLS", "PeerAuthentication");
    }
    if (called.isGateway()) {
      return Hop.of(
          "TLS",
          Status.SKIP,
          "port %d is a gateway's: its Gateways say what is taken, no PeerAuthentication does"
              .formatted(port));
    }
    EffectivePeerAuthentication effective =
        mesh.snapshotFor(called).effectivePeerAuthentication(called.view(), port);
    String mode = "port %d is %s".formatted(port, Modes.words(effective));
    if (effective.mode() == Mode.STRICT && !caller.isInMesh()) {
      return Hop.of(
          "TLS",
          Status.FAIL,
          mode,
          "plaintext is reset here: the caller sees `Connection reset by peer`");
    }
    return Hop.of(
        "TLS",
        effective.mode() == Mode.STRICT ? Status.PASS : Status.WARN,
        mode,
        effective.mode() == Mode.STRICT
            ? "plaintext is refused"
            : "plaintext is taken, too: who sends it has no identity");
  }

  /** By the prover: everything that this caller may ask there, not one request alone. */
  static Hop policy(MeshView mesh, PodView caller, PodView called, int port, int servicePort) {
    if (mesh.isObscure(called.namespace(), Kind.AUTHORIZATION_POLICY)) {
      return obscure("policy", "AuthorizationPolicy");
    }
    List<String> unseen = aboutRequests(mesh, called);
    if (!unseen.isEmpty()) {
      return new Hop(
          "policy",
          Status.UNKNOWN,
          "ztunnel sees connections, and rules about requests do not hold there (SLV4007)",
          unseen);
    }
    var source =
        caller.isInMesh()
            ? new SourceSelection.Principal(
                Identities.spiffe(caller, mesh.settings().trustDomain()))
            : new SourceSelection.Plaintext();
    var asked =
        new WorkloadSelection(
            WorkloadSelection.named(called.namespace(), called.name()).anyOf(), Set.of(port));
    ReachReport report =
        new Prover(Options.DEFAULT)
            .reach(
                Mesh.of(
                    "", mesh.snapshotFor(called), List.of(proved(mesh, called, port, servicePort))),
                source,
                asked);
    if (!report.inconclusive().isEmpty()) {
      return Hop.of("policy", Status.UNKNOWN, report.inconclusive().getFirst().toString());
    }
    List<String> allowed = new ArrayList<>();
    for (ReachReport.Reach reach : report.reaches()) {
      for (Row row : reach.rows()) {
        allowed.add(
            row.when().isEmpty()
                ? "%s: any request".formatted(reach.place().protocol())
                : "%s: %s"
                    .formatted(
                        reach.place().protocol(),
                        String.join(
                            " and ", row.when().stream().map(Row.Term::toString).toList())));
      }
    }
    return allowed.isEmpty()
        ? new Hop(
            "policy",
            Status.FAIL,
            "nothing of this caller is allowed at port %d".formatted(port),
            policies(mesh, called))
        : new Hop("policy", Status.PASS, "this caller is allowed", allowed);
  }

  /** What ambient's layer 4 makes of rules about requests; none where there are none. */
  private static List<String> aboutRequests(MeshView mesh, PodView called) {
    if (!called.isAmbient()) {
      return List.of();
    }
    return mesh.snapshotFor(called).authorizationPoliciesFor(called.view()).stream()
        .filter(policy -> !policy.dryRun() && HttpFields.any(policy))
        .map(
            policy ->
                "%s/%s (%s): %s"
                    .formatted(
                        policy.meta().namespace(),
                        policy.meta().name(),
                        policy.action(),
                        policy.action() == AuthorizationPolicy.Action.ALLOW
                            ? "such rules allow nothing, so what no other allows is denied"
                            : "such rules meet nothing"))
        .toList();
  }

  private static List<String> policies(MeshView mesh, PodView called) {
    return mesh.snapshotFor(called).authorizationPoliciesFor(called.view()).stream()
        .map(
            policy ->
                "AuthorizationPolicy %s/%s (%s)"
                    .formatted(policy.meta().namespace(), policy.meta().name(), policy.action()))
        .toList();
  }

  /** Ambient's layer 4 reads nothing of what a port speaks. */
  private static PortProtocol seen(PodView pod, InboundPort port) {
    return pod.isAmbient() ? PortProtocol.TCP : port.protocol();
  }

  private static ProvedWorkload proved(MeshView mesh, PodView pod, int port, int servicePort) {
    var ports =
        mesh.ports(pod).stream()
            .filter(one -> one.number() == port)
            .map(one -> new Port("", port, seen(pod, one), Optional.empty(), servicePort))
            .toList();
    return new ProvedWorkload(
        "",
        pod.namespace(),
        pod.name(),
        pod.labels(),
        Optional.of(Identities.spiffe(pod, mesh.settings().trustDomain())),
        ports,
        List.of(),
        pod.isInMesh(),
        new SourceLocation(pod.qualified(), 0, 0));
  }
}
