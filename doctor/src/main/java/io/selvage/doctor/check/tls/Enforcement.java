package io.selvage.doctor.check.tls;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import io.selvage.doctor.view.Answer;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Probed;
import io.selvage.doctor.view.Words;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether TLS is enforced, by two probes that only together prove it: plaintext from outside of the
 * mesh is refused, and the same request with an identity of the mesh is not. A dead server refuses
 * both.
 */
public final class Enforcement {
  /** Plaintext is refused where TLS is required. */
  public static final Check PLAINTEXT_REFUSED =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2001",
              "plaintext is refused where only mutual TLS is accepted",
              Set.of(Source.PROBE, Source.OBJECTS),
              FixClass.EXPLAINED,
              "R1"),
          Enforcement::plaintext);

  /** An identity of the mesh is accepted. */
  public static final Check IDENTITY_ACCEPTED =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2002",
              "an identity of the mesh is accepted where plaintext is refused",
              Set.of(Source.PROBE),
              FixClass.EXPLAINED,
              "R1"),
          Enforcement::identity);

  /** What holds in the private namespace of probes. */
  private static final EffectivePeerAuthentication OURS =
      new EffectivePeerAuthentication(
          Mode.STRICT, EffectivePeerAuthentication.Scope.NAMESPACE, Optional.empty());

  private Enforcement() {}

  private static void plaintext(ClusterEvidence cluster, Results results) {
    List<ProbeOutcome> probes = Need.probes(cluster, results, Purpose.PLAINTEXT);
    int proved = 0;
    Map<String, List<String>> open = new TreeMap<>();
    boolean modesKnown = // in the private namespace they are our own
        probes.stream().allMatch(Probed::isOurs)
            || (Need.settings(cluster, results)
                && Need.understood(MeshView.of(cluster), results, Kind.PEER_AUTHENTICATION));
    for (ProbeOutcome probe : probes) {
      if (modesKnown || Probed.isOurs(probe)) {
        proved += plaintext(cluster, probe, open, results) ? 1 : 0;
      }
    }
    open.forEach(
        (mode, ports) ->
            results.skip(
                "%s need no TLS (%s): %s"
                    .formatted(Words.count(ports.size(), "port"), mode, Words.some(ports))));
    if (proved > 0) {
      results
          .pass(
              "plaintext is refused, and an identity of the mesh accepted, at "
                  + Words.count(proved, "port"))
          .by(Confidence.PROVED_BY_TRAFFIC);
    }
  }

  /** Returns whether it was refused as it must be; says everything else. */
  private static boolean plaintext(
      ClusterEvidence cluster,
      ProbeOutcome probe,
      Map<String, List<String>> open,
      Results results) {
    Optional<PodView> pod = Probed.pod(MeshView.of(cluster), probe);
    if (pod.isEmpty() && !Probed.isOurs(probe)) {
      results.unknown(
          "%s was called in plaintext, but it is not among the Pods that were seen: whether TLS is"
                  .formatted(Probed.where(probe))
              + " required there is not known");
      return false;
    }
    EffectivePeerAuthentication effective =
        pod.map(
                seen ->
                    MeshView.of(cluster)
                        .snapshotFor(seen)
                        .effectivePeerAuthentication(seen.view(), probe.port()))
            .orElse(OURS);
    Answer answer = Answer.of(probe);
    if (effective.mode() != Mode.STRICT) {
      open.computeIfAbsent(Modes.words(effective), _ -> new ArrayList<>()).add(Probed.where(probe));
      return false;
    }
    boolean served = answer == Answer.SERVED || answer == Answer.DENIED;
    if (served) {
      var said =
          results
              .fail(
                  "plaintext from outside of the mesh got %s from %s, which is %s"
                      .formatted(probe.result(), Probed.where(probe), Modes.words(effective)))
              .about(Probed.ref(probe))
              .seen(probe.request() + " -> " + probe.result(), "probe from " + probe.from())
              .by(Confidence.PROVED_BY_TRAFFIC)
              .effect("anybody who reaches this address talks to it unseen and unnamed")
              .next(
                  "look at what its proxy has: selvage doctor --only"
                      + " SLV2005,SLV2006,SLV7001,SLV3006");
      said.cause(
          pod.isEmpty() || pod.get().isInMesh()
              ? "the policy is declared, and the proxy does not do it: it has older configuration,"
                  + " or the port is taken around it"
              : "no proxy of the mesh takes this Pod's connections: policy is not enforced there");
      return false;
    }
    if (answer == Answer.NOBODY || !accepted(cluster, probe)) {
      results
          .unknown(
              "plaintext to %s ended with %s, and so did the same request with an identity of the"
                      .formatted(Probed.where(probe), probe.result())
                  + " mesh, or it was not sent: this does not prove TLS (SLV2002)")
          .about(Probed.ref(probe));
      return false;
    }
    return true;
  }

  private static boolean accepted(ClusterEvidence cluster, ProbeOutcome plaintext) {
    return cluster.probes().found().stream()
        .flatMap(List::stream)
        .filter(one -> one.purpose() == Purpose.MESH_IDENTITY)
        .filter(one -> one.to().equals(plaintext.to()) && one.port() == plaintext.port())
        .map(Answer::of)
        .anyMatch(answer -> answer == Answer.SERVED || answer == Answer.DENIED);
  }

  private static void identity(ClusterEvidence cluster, Results results) {
    int accepted = 0;
    for (ProbeOutcome probe : Need.probes(cluster, results, Purpose.MESH_IDENTITY)) {
      Answer answer = Answer.of(probe);
      if (answer == Answer.SERVED || answer == Answer.DENIED) {
        accepted++;
        continue;
      }
      results
          .fail(
              "%s with an identity of the mesh ended with %s at %s"
                  .formatted(probe.request(), probe.result(), Probed.where(probe)))
          .seen(probe.request() + " -> " + probe.result(), "probe from " + probe.from())
          .by(Confidence.PROVED_BY_TRAFFIC)
          .cause(
              answer == Answer.CUT
                  ? "the handshake fails (roots, names, a DestinationRule), or the application ends"
                      + " the connection"
                  : "the server is down, or a NetworkPolicy or firewall is in the way")
          .effect("that plaintext fails there as well does not prove that TLS is enforced")
          .next(
              "kubectl -n %s get pod %s -o wide; selvage doctor --only SLV1005,SLV2004,SLV2012"
                  .formatted(probe.to().namespace(), probe.to().name()));
    }
    if (accepted > 0) {
      results
          .pass("an identity of the mesh is accepted at " + Words.count(accepted, "port"))
          .by(Confidence.PROVED_BY_TRAFFIC);
    }
  }
}
