package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import io.selvage.doctor.view.Answer;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Probed;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether policy is enforced, by two probes that only together prove it: what is meant to be denied
 * is, and the same request where it is meant to be allowed is not.
 */
public final class Decisions {
  /** What is meant to be denied is denied. */
  public static final Check DENIED =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4001",
              "requests that policy denies are denied",
              Set.of(Source.PROBE, Source.OBJECTS),
              FixClass.EXPLAINED,
              "R6"),
          Decisions::denied);

  /** What is meant to be allowed is allowed. */
  public static final Check ALLOWED =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4002",
              "requests that policy allows are allowed",
              Set.of(Source.PROBE),
              FixClass.EXPLAINED,
              "R6"),
          Decisions::allowed);

  private static final Pattern MATCHED =
      Pattern.compile("(?:matched_policy\\[|denied by )(?<policy>[^\\s,;]+)");

  private Decisions() {}

  private static void denied(ClusterEvidence cluster, Results results) {
    int proved = 0;
    for (ProbeOutcome probe : Need.probes(cluster, results, Purpose.EXPECTED_DENY)) {
      switch (Answer.of(probe)) {
        case SERVED -> served(cluster, probe, results);
        case NOBODY ->
            results.unknown(
                "%s of %s ended with %s: nobody answered, which is no denial"
                    .formatted(probe.request(), Probed.where(probe), probe.result()));
        case DENIED, CUT -> {
          if (controlled(cluster, probe)) {
            proved++;
          } else {
            results.unknown(
                "%s of %s got %s, but no request was allowed there: the server may refuse"
                        .formatted(probe.request(), Probed.where(probe), probe.result())
                    + " everything (SLV4002)");
          }
        }
      }
    }
    if (proved > 0) {
      results
          .pass("%s denied as policy says".formatted(Words.count(proved, "request")))
          .by(Confidence.PROVED_BY_TRAFFIC);
    }
  }

  private static boolean controlled(ClusterEvidence cluster, ProbeOutcome denied) {
    return cluster.probes().found().stream()
        .flatMap(List::stream)
        .filter(one -> one.purpose() == Purpose.EXPECTED_ALLOW)
        .filter(one -> one.to().equals(denied.to()) && one.port() == denied.port())
        .anyMatch(one -> Answer.of(one) == Answer.SERVED);
  }

  private static void served(ClusterEvidence cluster, ProbeOutcome probe, Results results) {
    results
        .fail(
            "%s from %s to %s was meant to be denied and got %s"
                .formatted(probe.request(), probe.from(), Probed.where(probe), probe.result()))
        .about(Probed.ref(probe))
        .seen(probe.request() + " -> " + probe.result(), "probe from " + probe.from())
        .by(Confidence.PROVED_BY_TRAFFIC)
        .cause(why(cluster, probe))
        .effect("policy that is written is not in force: callers get what they may not have")
        .next("selvage doctor --only SLV4003,SLV4007,SLV4011,SLV7001");
  }

  private static String why(ClusterEvidence cluster, ProbeOutcome probe) {
    MeshView mesh = MeshView.of(cluster);
    Optional<PodView> pod = Probed.pod(mesh, probe);
    if (pod.isEmpty()) {
      return "the policy did not reach the proxy, or the proxy does not take its connections";
    }
    if (!pod.get().isInMesh()) {
      return "the Pod has no proxy, so nothing enforces policy there";
    }
    List<AuthorizationPolicy> policies =
        mesh.snapshotFor(pod.get()).authorizationPoliciesFor(pod.get().view());
    if (policies.isEmpty()) {
      return "no policy selects this workload";
    }
    if (policies.stream().allMatch(AuthorizationPolicy::dryRun)) {
      return "every policy that selects it is a dry run";
    }
    return "its policies do not match this request, or its proxy has not got them: "
        + Words.some(policies.stream().map(policy -> policy.meta().qualifiedName()).toList());
  }

  private static void allowed(ClusterEvidence cluster, Results results) {
    int served = 0;
    for (ProbeOutcome probe : Need.probes(cluster, results, Purpose.EXPECTED_ALLOW)) {
      switch (Answer.of(probe)) {
        case SERVED -> served++;
        case DENIED -> refused(cluster, probe, results);
        case CUT, NOBODY ->
            results.unknown(
                "%s of %s ended with %s: no answer, so nothing is known of policy"
                    .formatted(probe.request(), Probed.where(probe), probe.result()));
      }
    }
    if (served > 0) {
      results
          .pass("%s allowed as policy says".formatted(Words.count(served, "request")))
          .by(Confidence.PROVED_BY_TRAFFIC);
    }
  }

  private static void refused(ClusterEvidence cluster, ProbeOutcome probe, Results results) {
    List<String> candidates =
        candidates(MeshView.of(cluster), probe)
            .map(policy -> policy.action() + " " + policy.meta().qualifiedName())
            .toList();
    results
        .fail(
            "%s from %s to %s was meant to be allowed and got %s"
                .formatted(probe.request(), probe.from(), Probed.where(probe), probe.result()))
        .about(Probed.ref(probe))
        .seen(probe.request() + " -> " + probe.result(), "probe from " + probe.from())
        .by(Confidence.PROVED_BY_TRAFFIC)
        .cause(
            matched(probe)
                .map(id -> "denied by " + id)
                .orElse(
                    candidates.isEmpty()
                        ? "no policy that was seen denies it: the proxy has an older one"
                        : "one of these denies it, or allows others only: "
                            + Words.some(candidates)))
        .effect("callers that are meant to be served are not")
        .next("selvage doctor --only SLV4004,SLV4008,SLV4011");
  }

  /** Of the probe's own Pods, which are gone, those that are for the whole mesh. */
  private static Stream<AuthorizationPolicy> candidates(MeshView mesh, ProbeOutcome probe) {
    return Probed.isOurs(probe)
        ? mesh.snapshot().all(AuthorizationPolicy.class).stream()
            .filter(policy -> policy.meta().namespace().equals(mesh.settings().rootNamespace()))
            .filter(policy -> policy.selector().isEmpty() && policy.targetRefs().isEmpty())
        : Probed.pod(mesh, probe).stream()
            .flatMap(pod -> mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view()).stream());
  }

  private static Optional<String> matched(ProbeOutcome probe) {
    return probe.details().values().stream()
        .map(MATCHED::matcher)
        .filter(Matcher::find)
        .map(found -> found.group("policy").replaceAll("]$", ""))
        .findFirst();
  }
}
