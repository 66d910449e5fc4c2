package io.selvage.doctor.check.authorization;

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
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Probed;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.MeshConfig.PathNormalization;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Spellings of a path, or of a host, that an application may take for the same and that a DENY does
 * not meet: by what policies say, and by probes where they were sent.
 */
public final class PathSpellings {
  /** A DENY meets what the application takes for the same. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4010",
              "another spelling of a path or host does not get past a DENY",
              Set.of(Source.OBJECTS, Source.PROBE),
              FixClass.EXPLAINED,
              "R6"),
          PathSpellings::ask);

  private PathSpellings() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    cluster
        .probes()
        .found()
        .ifPresent(
            all ->
                all.stream()
                    .filter(one -> one.purpose() == Purpose.PATH_SPELLING && one.isSent())
                    .forEach(one -> probed(one, results)));
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    int looked = 0;
    for (AuthorizationPolicy policy : mesh.snapshot().all(AuthorizationPolicy.class)) {
      if (policy.action() == Action.DENY && !policy.dryRun()) {
        looked++;
        written(cluster, mesh, policy, results);
      }
    }
    if (results.isFine()) {
      results.pass(
          looked == 0
              ? "no policy denies by a path or host"
              : "%s name paths and hosts with their other spellings"
                  .formatted(Words.count(looked, "DENY object")));
    }
  }

  /** The proxy must make the same of it; what only an application may make the same is told. */
  private static void probed(ProbeOutcome probe, Results results) {
    boolean same = probe.details().getOrDefault("meaning", "same").equals("same");
    String denied = probe.details().getOrDefault("denied-path", "a path that is denied");
    if (Answer.of(probe) != Answer.SERVED || !same) {
      return;
    }
    results
        .fail(
            "%s is denied, but %s got %s from %s"
                .formatted(denied, probe.request(), probe.result(), Probed.where(probe)))
        .seen(probe.request() + " -> " + probe.result(), "probe from " + probe.from())
        .by(Confidence.PROVED_BY_TRAFFIC)
        .cause("the proxy does not make paths the same before policy looks at them")
        .effect("who knows the spelling gets past the DENY")
        .next(
            "set pathNormalization.normalization of the mesh's settings to MERGE_SLASHES or more");
  }

  private static void written(
      ClusterEvidence cluster, MeshView mesh, AuthorizationPolicy policy, Results results) {
    Set<String> paths = new LinkedHashSet<>();
    Set<String> hosts = new LinkedHashSet<>();
    policy
        .ruleList()
        .forEach(
            rule ->
                rule.to()
                    .forEach(
                        operation -> {
                          paths.addAll(operation.paths().values());
                          hosts.addAll(operation.hosts().values());
                        }));
    List<String> open = new ArrayList<>();
    paths.stream()
        .filter(path -> isExact(path) && !path.endsWith("/"))
        .filter(path -> paths.stream().noneMatch(other -> covers(other, path + "/")))
        .forEach(path -> open.add("path " + path + "/"));
    hosts.stream()
        .filter(host -> isExact(host) && !host.contains(":"))
        .filter(host -> hosts.stream().noneMatch(other -> covers(other, host + ":80")))
        .forEach(host -> open.add("host " + host + ":PORT"));
    boolean raw = !paths.isEmpty() && mesh.settings().pathNormalization() == PathNormalization.NONE;
    if (raw) {
      open.add("path with // or /./ or %61 in it (normalization is NONE)");
    }
    if (!open.isEmpty()) {
      Policies.about(
              results.warn("%s does not meet %s".formatted(Policies.ref(policy), Words.some(open))),
              cluster,
              policy)
          .cause("matches are exact and tell letters' case apart; hosts keep their port")
          .effect("an application that takes these for the same can be called past the DENY")
          .next(
              raw
                  ? "set pathNormalization.normalization to BASE or more"
                  : "deny both: paths /admin and /admin/*, hosts a.example and a.example:*; better,"
                      + " allow what is meant");
    }
  }

  private static boolean isExact(String value) {
    return !value.contains("*") && !value.contains("{");
  }

  private static boolean covers(String pattern, String value) {
    if (pattern.equals("*")) {
      return true;
    }
    if (pattern.endsWith("*")) {
      return value.startsWith(pattern.substring(0, pattern.length() - 1));
    }
    if (pattern.startsWith("*")) {
      return value.endsWith(pattern.substring(1));
    }
    int template = pattern.indexOf('{');
    return template < 0 ? pattern.equals(value) : value.startsWith(pattern.substring(0, template));
  }
}
