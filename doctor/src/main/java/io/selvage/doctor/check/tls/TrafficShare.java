package io.selvage.doctor.check.tls;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Need;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How much of the traffic that servers' proxies counted came by mTLS ({@code istio_requests_total}
 * and {@code istio_tcp_connections_opened_total}, {@code connection_security_policy}), and from
 * whom the rest came.
 */
public final class TrafficShare {
  /** All of it. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV2010",
              "all traffic between workloads is mTLS",
              Status.WARN,
              Set.of(Source.METRICS),
              FixClass.EXPLAINED,
              List.of("R1"),
              Optional.empty()),
          TrafficShare::ask);

  private static final Set<String> COUNTERS =
      Set.of("istio_requests_total", "istio_tcp_connections_opened_total");
  private static final int SHOWN = 3;

  private TrafficShare() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<List<ProxyView>> proxies =
        Need.of(cluster.proxies(), "the proxies' counters", results);
    if (proxies.isEmpty()) {
      return;
    }
    double mutual = 0;
    Map<String, Double> plaintext = new TreeMap<>();
    for (ProxyView proxy : proxies.get()) {
      for (Metric sample : proxy.stats().found().orElse(List.of())) {
        if (!COUNTERS.contains(sample.name())
            || !sample.labels().getOrDefault("reporter", "").equals("destination")) {
          continue;
        }
        switch (sample.labels().getOrDefault("connection_security_policy", "")) {
          case "mutual_tls" -> mutual += sample.value();
          case "none" -> {
            if (sample.value() > 0) {
              plaintext.merge(edge(sample), sample.value(), Double::sum);
            }
          }
          default -> {}
        }
      }
    }
    double open = plaintext.values().stream().mapToDouble(Double::doubleValue).sum();
    if (mutual + open == 0) {
      boolean none = proxies.get().stream().allMatch(proxy -> proxy.stats().found().isEmpty());
      if (none && !proxies.get().isEmpty()) {
        results.unknown("no proxy showed its counters");
      } else {
        results.skip("no traffic between workloads was counted yet");
      }
    } else if (open == 0) {
      results.pass("all of %.0f requests and connections came by mTLS".formatted(mutual));
    } else {
      var said =
          results
              .warn(
                  String.format(
                      Locale.ROOT,
                      "%.1f %% of what was counted came by mTLS; %.0f in plaintext",
                      100 * mutual / (mutual + open),
                      open))
              .by(Confidence.PROVED_BY_TRAFFIC)
              .cause("these callers have no sidecar, or call around it")
              .effect("they have no identity, and STRICT would cut them off")
              .next(
                  "give them a sidecar before STRICT is set; counters are since each proxy's"
                      + " start");
      plaintext.entrySet().stream()
          .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
          .limit(SHOWN)
          .forEach(
              edge ->
                  said.seen(
                      "plaintext: %s %.0f".formatted(edge.getKey(), edge.getValue()),
                      "counters of the servers' proxies"));
    }
  }

  private static String edge(Metric sample) {
    return "%s -> %s".formatted(workload(sample, "source"), workload(sample, "destination"));
  }

  private static String workload(Metric sample, String side) {
    return sample.labels().getOrDefault(side + "_workload_namespace", "unknown")
        + "/"
        + sample.labels().getOrDefault(side + "_workload", "unknown");
  }
}
