package io.selvage.doctor.check.token;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.LogSignature.Match;
import io.selvage.doctor.mesh.Occurrences;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * SLV5004: the control plane refuses no caller for long. Wordings of old and new istiods and of
 * Selvage; the counter is the same in all of them, but counts since the process began.
 */
public final class AuthenticationFailures {
  private static final String COUNTER = "citadel_server_authentication_failure_count";

  // istiod writes "Authenticator X: reason; ", before 1.13 "Authenticator X at index 1 got error:
  // reason. "
  private static final Pattern REASON =
      Pattern.compile(
          "Authenticator (\\w+)(?: at index \\d+ got error)?: (.*?)(?:[;.]"
              + " ?(?:$|Authenticator)|$)");

  private AuthenticationFailures() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV5004",
            "the control plane refuses no workload for long",
            Set.of(Source.METRICS, Source.LOGS),
            FixClass.EXPLAINED,
            "R10"),
        AuthenticationFailures::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    if (flavour.get().kind() == Flavour.Kind.ASM_MANAGED) {
      results.skip("Google runs this control plane: its log is not here");
      return;
    }
    Optional<List<LogLine>> logs = Need.of(cluster.logs(), "the control plane's log", results);
    double counted =
        cluster.metrics().found().orElse(List.<Metric>of()).stream()
            .filter(metric -> metric.name().startsWith(COUNTER))
            .mapToDouble(Metric::value)
            .sum();
    if (logs.isEmpty()) {
      return;
    }
    Map<RefusalCause, List<Match>> byCause = new EnumMap<>(RefusalCause.class);
    LogSignature.find(LogSignature.CA_AUTHENTICATION, logs.get())
        .forEach(
            match ->
                byCause
                    .computeIfAbsent(RefusalCause.of(match.part("reasons")), _ -> new ArrayList<>())
                    .add(match));
    Duration window = Duration.between(cluster.since(), cluster.taken());
    List<String> once = new ArrayList<>();
    byCause.forEach(
        (cause, matches) -> {
          Occurrences seen = new Occurrences(matches.stream().map(Match::line).toList(), window);
          if (seen.isPersistent(cluster.taken())) {
            fail(cause, matches, seen, counted, cluster, results);
          } else {
            once.add(seen + ": " + cause.words());
          }
        });
    if (results.all().isEmpty()) {
      results
          .pass(
              once.isEmpty()
                  ? "nobody was refused in %d min".formatted(Math.max(1, window.toMinutes()))
                  : "refusals that did not last: " + Shown.some(once))
          .by(Confidence.INFERRED_FROM_LOGS)
          .seen("%s %.0f since the process began".formatted(COUNTER, counted), "/metrics, logs");
    }
  }

  private static void fail(
      RefusalCause cause,
      List<Match> matches,
      Occurrences seen,
      double counted,
      ClusterEvidence cluster,
      Results results) {
    Set<String> peers = new LinkedHashSet<>();
    matches.forEach(match -> peers.add(match.part("peer")));
    peers.remove("");
    List<ApiObject> pods =
        cluster.objects().all(Kind.POD).stream()
            .filter(pod -> peers.contains(pod.text("/status/podIP")))
            .toList();
    Match last = matches.getLast();
    var said =
        results
            .fail(
                "the CA or ADS refused %s %s"
                    .formatted(
                        pods.isEmpty()
                            ? peers.isEmpty() ? "callers" : Shown.some(peers)
                            : Shown.some(
                                pods.stream()
                                    .map(pod -> pod.namespace() + "/" + pod.name())
                                    .toList()),
                        seen))
            .by(Confidence.INFERRED_FROM_LOGS)
            .seen(last.line().text(), "log of " + last.line().pod())
            .seen("%s %.0f".formatted(COUNTER, counted), "the control plane's /metrics")
            .cause(cause.words())
            .effect("they get no certificate and no configuration; what they have ends in a day")
            .next(cause.next());
    reasons(last.part("reasons"))
        .forEach(
            (authenticator, reason) -> said.seen(authenticator + ": " + reason, "the same line"));
    pods.stream().limit(5).map(ApiObject::ref).forEach(said::about);
    if (pods.isEmpty()) {
      peers.stream().limit(5).forEach(peer -> said.about(new ObjectRef("Address", "", peer)));
    }
    seen.first().ifPresent(said::since);
  }

  /** What each authenticator said. */
  static Map<String, String> reasons(String text) {
    Map<String, String> found = new LinkedHashMap<>();
    Matcher matcher = REASON.matcher(text);
    int from = 0;
    while (matcher.find(from)) {
      found.put(matcher.group(1), matcher.group(2).trim());
      from = matcher.end(2);
    }
    return found;
  }
}
