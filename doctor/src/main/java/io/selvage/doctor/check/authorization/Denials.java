package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Occurrences;
import io.selvage.doctor.mesh.Unanswered;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Requests that were denied, by what denied them and who called: Envoy writes {@code
 * rbac_access_denied_matched_policy[ID]} into the details of a response, {@code none} when no ALLOW
 * matched. Denials by a DENY are what it is for; a workload of the mesh that goes on being denied
 * by default is either an attacker or, far more often, missing in a policy.
 */
public final class Denials {
  /** No workload of the mesh goes on being denied by default. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV4013",
              "no workload of the mesh goes on being denied by default",
              Status.WARN,
              Set.of(Source.LOGS),
              FixClass.EXPLAINED,
              List.of("R6"),
              Optional.empty()),
          Denials::ask);

  private Denials() {}

  /** Who was denied by what. */
  private record Denial(String namespace, String pod, String by, String caller) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<List<LogLine>> lines = Need.of(cluster.proxyLogs(), "the proxies' logs", results);
    if (lines.isEmpty()) {
      return;
    }
    Map<Denial, List<LogLine>> by = new LinkedHashMap<>();
    LogSignature.find(LogSignature.POLICY_DENIED, lines.get())
        .forEach(
            match ->
                by.computeIfAbsent(denial(cluster, match), _ -> new ArrayList<>())
                    .add(match.line()));
    Duration window = Duration.between(cluster.since(), cluster.taken());
    List<String> told = new ArrayList<>();
    by.forEach(
        (denial, of) -> {
          var all = new Occurrences(of, window);
          String words =
              "%s denied by %s at %s/%s, %s"
                  .formatted(
                      denial.caller().isEmpty() ? "callers" : denial.caller(),
                      denial.by().equals("none") ? "default (no ALLOW matches)" : denial.by(),
                      denial.namespace(),
                      denial.pod(),
                      all);
          if (denial.by().equals("none")
              && !denial.caller().isEmpty()
              && all.isPersistent(cluster.taken())) {
            tell(denial, words, all, results);
          } else {
            told.add(words);
          }
        });
    Unanswered.of(cluster).tell("logs", results);
    if (results.isFine()) {
      results.pass(
          told.isEmpty() ? "no denial was logged" : "as policy says: " + String.join("; ", told));
    }
  }

  private static Denial denial(ClusterEvidence cluster, LogSignature.Match match) {
    return new Denial(
        match.line().namespace(),
        match.line().pod(),
        match.part("policy"),
        caller(cluster, match.part("peer")));
  }

  /** The Pod of the mesh that called; empty when it was none, or is not known. */
  private static String caller(ClusterEvidence cluster, String address) {
    return MeshView.of(cluster).inMesh().stream()
        .filter(pod -> !address.isEmpty() && pod.address().equals(address))
        .findFirst()
        .map(PodView::qualified)
        .orElse("");
  }

  private static void tell(Denial denial, String words, Occurrences all, Results results) {
    var said =
        results
            .warn(words)
            .about(new ObjectRef("Pod", denial.namespace(), denial.pod()))
            .seen(
                all.lines().getLast().text().strip(),
                "log of %s/%s".formatted(denial.namespace(), denial.pod()))
            .by(Confidence.INFERRED_FROM_LOGS)
            .cause("the workload has ALLOW policies, and none of their rules is for this caller")
            .effect("these calls get 403 RBAC: access denied")
            .next("selvage why shows each rule and the field that did not match");
    all.first().ifPresent(said::since);
  }
}
