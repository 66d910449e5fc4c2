package io.selvage.doctor.check.rights;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.AccessAnswer;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Occurrences;
import io.selvage.doctor.mesh.Rbac.Right;
import io.selvage.doctor.mesh.ShippedRights;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * SLV6001: the control plane's ServiceAccount, as its Deployment names it, may do all that it has
 * to. Asked of the API server (SubjectAccessReview), not guessed from roles; and what the log says
 * is forbidden.
 */
public final class ControlPlaneRights {
  private ControlPlaneRights() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV6001",
            "the control plane may do what it has to",
            Set.of(Source.OBJECTS, Source.LOGS),
            FixClass.CONSENTED,
            "R7"),
        ControlPlaneRights::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    List<ControlPlane> planes = Asked.controlPlanes(cluster, results);
    if (planes.isEmpty() || Need.all(cluster, Kind.DEPLOYMENT, results).isEmpty()) {
      return;
    }
    Optional<List<AccessAnswer>> answers =
        Need.of(cluster.access(), "the control plane's rights", results);
    int asked = 0;
    for (ControlPlane plane : planes) {
      String user = plane.user().orElse("");
      List<AccessAnswer> its =
          answers.orElse(List.of()).stream().filter(one -> one.user().equals(user)).toList();
      asked += its.size();
      if (its.isEmpty() && answers.isPresent()) {
        results
            .unknown("the API server was not asked what %s may do".formatted(user))
            .next("kubectl auth can-i --list --as=" + user);
      }
      List<AccessAnswer> denied = its.stream().filter(one -> !one.allowed()).toList();
      Map<String, List<LogSignature.Match>> logged = logged(plane, user, its);
      if (!denied.isEmpty()) {
        denied(plane, user, denied, logged, results);
      } else if (!logged.isEmpty()) {
        byLog(plane, user, logged, results);
      }
    }
    if (results.all().isEmpty()) {
      results
          .pass("%d rights, all given to %s".formatted(asked, planes.getFirst().user().orElse("")))
          .seen("allowed", "POST subjectaccessreviews");
    }
  }

  private static void denied(
      ControlPlane plane,
      String user,
      List<AccessAnswer> denied,
      Map<String, List<LogSignature.Match>> logged,
      Results results) {
    List<Right> missing =
        denied.stream()
            .map(
                one ->
                    new Right(one.verb(), one.group(), one.resource(), one.namespace(), one.name()))
            .toList();
    List<LogSignature.Match> log = forbidden(plane, user);
    long times =
        log.stream()
            .filter(match -> missing.stream().anyMatch(right -> tells(match, right)))
            .count();
    var said =
        results
            .fail(
                "%s cannot %s%s"
                    .formatted(
                        plane.name(),
                        Shown.some(together(missing)),
                        times > 0 ? " (in its log %d times)".formatted(times) : ""))
            .about(new ObjectRef("Deployment", plane.flavour().namespace(), plane.name()))
            .cause("a role was cut down, or a binding names another account (SLV6002, SLV6003)")
            .effect(effects(missing))
            .next("kubectl auth can-i --list --as=" + user);
    together(missing).stream()
        .limit(10)
        .forEach(right -> said.seen("denied: " + right, "POST subjectaccessreviews as " + user));
    logged.forEach(
        (right, matches) ->
            said.seen(
                "also forbidden, %d times: %s".formatted(matches.size(), right),
                "log of " + matches.getLast().line().pod()));
    log.stream()
        .filter(match -> missing.stream().anyMatch(right -> tells(match, right)))
        .findFirst()
        .ifPresent(
            match -> {
              said.seen(match.line().text(), "log of " + match.line().pod());
              match.line().time().ifPresent(said::since);
            });
    RoleMending.of(plane, missing).ifPresent(said::fix);
  }

  /** Those of one resource as one, {@code get, list, watch pods}. */
  private static List<String> together(List<Right> rights) {
    Map<String, List<String>> verbs = new LinkedHashMap<>();
    for (Right right : rights) {
      String of = right.toString().substring(right.verb().length() + 1);
      verbs.computeIfAbsent(of, _ -> new ArrayList<>()).add(right.verb());
    }
    return verbs.entrySet().stream()
        .map(one -> String.join(", ", one.getValue()) + " " + one.getKey())
        .toList();
  }

  private static String effects(List<Right> missing) {
    Set<String> why = new LinkedHashSet<>();
    missing.forEach(
        right ->
            ShippedRights.why(right.group(), right.resource(), right.verb()).ifPresent(why::add));
    return why.isEmpty() ? "it does not become ready, or leaves things undone" : Shown.some(why);
  }

  private static List<LogSignature.Match> forbidden(ControlPlane plane, String user) {
    List<LogLine> lines = plane.cluster().logs().found().orElse(List.of());
    return LogSignature.find(LogSignature.FORBIDDEN, lines).stream()
        .filter(match -> match.part("user").equals(user))
        .toList();
  }

  private static boolean tells(LogSignature.Match match, Right right) {
    return match.part("verb").equals(right.verb()) && match.part("plural").equals(right.resource());
  }

  /** What the log goes on saying is forbidden though the API server was not asked about it. */
  private static Map<String, List<LogSignature.Match>> logged(
      ControlPlane plane, String user, List<AccessAnswer> asked) {
    Map<String, List<LogSignature.Match>> other = new LinkedHashMap<>();
    for (LogSignature.Match match : forbidden(plane, user)) {
      boolean known =
          asked.stream()
              .anyMatch(
                  one ->
                      one.verb().equals(match.part("verb"))
                          && one.resource().equals(match.part("plural")));
      if (!known && !match.part("verb").isEmpty()) {
        other.computeIfAbsent(right(match), _ -> new ArrayList<>()).add(match);
      }
    }
    other.values().removeIf(matches -> !occurrences(plane, matches).isPersistent(plane.cluster().taken()));
    return other;
  }

  private static Occurrences occurrences(ControlPlane plane, List<LogSignature.Match> matches) {
    return new Occurrences(
        matches.stream().map(LogSignature.Match::line).toList(),
        Duration.between(plane.cluster().since(), plane.cluster().taken()));
  }

  /** As {@code kubectl auth can-i} takes it. */
  private static String right(LogSignature.Match match) {
    return new Right(
            match.part("verb"),
            match.part("group"),
            match.part("plural"),
            match.part("namespace"),
            "")
        .toString();
  }

  private static void byLog(
      ControlPlane plane,
      String user,
      Map<String, List<LogSignature.Match>> logged,
      Results results) {
    List<LogSignature.Match> all = logged.values().stream().flatMap(List::stream).toList();
    Occurrences seen = occurrences(plane, all);
    var said =
        results
            .fail(
                "%s cannot %s (%s)".formatted(plane.name(), Shown.some(logged.keySet()), seen))
            .about(new ObjectRef("Deployment", plane.flavour().namespace(), plane.name()))
            .by(Confidence.INFERRED_FROM_LOGS)
            .cause("no role gives it to this account")
            .effect("what it wanted it for is left undone")
            .next(
                "kubectl auth can-i %s --as=%s"
                    .formatted(logged.keySet().iterator().next(), user));
    logged.forEach(
        (_, matches) ->
            said.seen(
                matches.getLast().line().text(), "log of " + matches.getLast().line().pod()));
    seen.first().ifPresent(said::since);
  }
}
