package io.selvage.doctor.check.edge;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Proved;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.ReachReport;
import io.selvage.prove.SourceSelection;
import io.selvage.prove.WorkloadSelection;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Requests that proxies counted as served, against what the prover says may be: one that policy
 * allows nobody to make was not stopped. Counters are since the proxy's start, so a policy that has
 * changed since then, or one that was taken away and left no trace, may have allowed it.
 */
public final class LiveEdges {
  /** What is seen is what policy allows. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV9003",
              "no request was served that policy forbids",
              Status.WARN,
              Set.of(Source.METRICS, Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of("R1", "R6"),
              Optional.empty()),
          LiveEdges::ask);

  /** So many questions are asked of the prover at most. */
  private static final int MOST = 200;

  private static final int FIRST_ERROR = 400;

  private static final List<Kind> DECIDING =
      List.of(Kind.AUTHORIZATION_POLICY, Kind.PEER_AUTHENTICATION, Kind.REQUEST_AUTHENTICATION);

  private LiveEdges() {}

  private record Edge(PodView to, Optional<String> principal) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(
            cluster,
            results,
            Kind.AUTHORIZATION_POLICY,
            Kind.PEER_AUTHENTICATION,
            Kind.POD,
            Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    Optional<List<ProxyView>> proxies =
        Need.of(cluster.proxies(), "the proxies' counters", results);
    if (proxies.isEmpty()) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    boolean isClear = Need.understood(mesh, results, DECIDING.toArray(Kind[]::new));
    Map<Edge, Double> edges = new LinkedHashMap<>();
    int older = 0;
    for (ProxyView proxy : proxies.get()) {
      Optional<PodView> pod = mesh.pod(proxy.namespace(), proxy.name()).filter(PodView::hasSidecar);
      if (pod.isEmpty() || mesh.isObscure(proxy.namespace(), DECIDING.toArray(Kind[]::new))) {
        continue;
      }
      Map<Edge, Double> served = served(pod.get(), proxy);
      if (isOlderThanPolicy(cluster, pod.get())) {
        older += served.size();
      } else {
        edges.putAll(served);
      }
    }
    if (edges.isEmpty()) {
      if (!isClear) {
        return;
      }
      results.skip(
          older > 0
              ? "counters began before the newest policy or setting: they may count what was"
                  + " allowed then"
              : "no request was counted yet");
      return;
    }
    int open = 0;
    for (Map.Entry<Edge, Double> edge : edges.entrySet().stream().limit(MOST).toList()) {
      open += judge(cluster, edge.getKey(), edge.getValue(), results) ? 1 : 0;
    }
    if (open > 0) {
      results.unknown(
          "for %s the prover came to no end in time".formatted(Words.count(open, "edge")));
    } else if (results.isFine()) {
      results.pass(
          "policy allows what was seen on %s"
              .formatted(Words.count(Math.min(MOST, edges.size()), "edge")));
    }
  }

  private static Map<Edge, Double> served(PodView pod, ProxyView proxy) {
    Map<Edge, Double> found = new LinkedHashMap<>();
    for (Metric sample : proxy.stats().found().orElse(List.of())) {
      boolean counts =
          sample.name().equals("istio_requests_total")
              && sample.labels().getOrDefault("reporter", "").equals("destination")
              && sample.value() > 0
              && isServed(sample.labels().getOrDefault("response_code", ""));
      String principal = sample.labels().getOrDefault("source_principal", "");
      boolean mutual =
          sample.labels().getOrDefault("connection_security_policy", "").equals("mutual_tls");
      if (counts && (principal.startsWith("spiffe://") || !mutual)) {
        found.merge(
            new Edge(pod, Optional.of(principal).filter(name -> name.startsWith("spiffe://"))),
            sample.value(),
            Double::sum);
      }
    }
    return found;
  }

  private static boolean isServed(String status) {
    return status.matches("[1-5][0-9][0-9]") && Integer.parseInt(status) < FIRST_ERROR;
  }

  private static boolean isOlderThanPolicy(ClusterEvidence cluster, PodView pod) {
    Optional<Instant> start = Written.instant(pod.pod().text("/status/startTime"));
    return start.isEmpty()
        || deciding(cluster, pod)
            .flatMap(object -> Written.of(object).stream())
            .anyMatch(written -> written.at().isAfter(start.get()));
  }

  /** All that decides there, or did before its selector was changed. */
  private static Stream<ApiObject> deciding(ClusterEvidence cluster, PodView pod) {
    String root = MeshView.of(cluster).settings().rootNamespace();
    Set<String> namespaces = new TreeSet<>(List.of(root, pod.namespace()));
    Stream<ApiObject> policies =
        DECIDING.stream()
            .flatMap(kind -> cluster.objects().all(kind).stream())
            .filter(object -> namespaces.contains(object.namespace()));
    return Stream.concat(policies, MeshView.settings(cluster).stream());
  }

  /** Returns whether it could not be decided; says what is forbidden. */
  private static boolean judge(ClusterEvidence cluster, Edge edge, double seen, Results results) {
    Optional<ProvedWorkload> workload = Proved.of(cluster).workload(edge.to());
    if (workload.isEmpty()) {
      return true;
    }
    ReachReport report =
        Proved.prover()
            .reach(
                Proved.of(cluster).mesh(),
                edge.principal()
                    .<SourceSelection>map(SourceSelection.Principal::new)
                    .orElseGet(SourceSelection.Plaintext::new),
                WorkloadSelection.named(workload.get().namespace(), workload.get().name()));
    boolean allowed = report.reaches().stream().anyMatch(reach -> !reach.rows().isEmpty());
    if (allowed || !report.inconclusive().isEmpty()) {
      return !allowed;
    }
    String caller = edge.principal().orElse("callers in plaintext");
    results
        .warn(
            "policy allows nothing from %s to %s, and %.0f requests were served"
                .formatted(caller, edge.to().qualified(), seen))
        .about(edge.to().ref())
        .seen(
            "istio_requests_total %.0f from %s".formatted(seen, caller),
            "/stats of " + edge.to().qualified())
        .by(Confidence.PROVED_BY_TRAFFIC)
        .cause(
            "the proxy has older policy (SLV4011), or takes these connections around it (SLV2006);"
                + " or they were served before a policy that allowed them was removed: counters"
                + " are since the proxy's start")
        .effect("policy that is written may not be enforced there")
        .next("look again whether the number grows; selvage doctor --only SLV4011,SLV2006,SLV7001");
    return false;
  }
}
