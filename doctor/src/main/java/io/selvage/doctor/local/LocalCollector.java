package io.selvage.doctor.local;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.metrics.PrometheusText;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Looks at the mesh on this machine: what its control planes show, the files that they read, and
 * logs. A workload stands for a Pod. There is no Kubernetes, so what only an API server knows is
 * unseen.
 */
public final class LocalCollector {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String NO_KUBERNETES = "there is no Kubernetes below a mesh on one machine";
  private static final Set<String> COUNTERS =
      Set.of("istio_requests_total", "istio_tcp_connections_opened_total");
  private static final String ROOT = "istio-system";

  private final LocalMesh mesh;
  private final Instant since;
  private final InstantSource clock;

  /**
   * Of one mesh.
   *
   * @param since from when on logs are read
   */
  public LocalCollector(LocalMesh mesh, Instant since, InstantSource clock) {
    this.mesh = mesh;
    this.since = since;
    this.clock = clock;
  }

  /**
   * Looks at all its clusters.
   *
   * @param progress is told what is being looked at
   */
  public Evidence collect(Consumer<String> progress) {
    Look<List<LogLine>> logs = read("logs", () -> mesh.logs(since));
    List<ClusterEvidence> all = new ArrayList<>();
    for (LocalMesh.Cluster cluster : mesh.clusters()) {
      progress.accept("the cluster " + cluster.name());
      all.add(of(cluster, logs));
    }
    return new Evidence(clock.instant(), since, all);
  }

  private ClusterEvidence of(LocalMesh.Cluster cluster, Look<List<LogLine>> logs) {
    Look<JsonNode> status = json(cluster, "/status");
    Look<JsonNode> configuration = json(cluster, "/debug/configz");
    return new ClusterEvidence(
        cluster.name(),
        cluster.server(),
        Look.unseen(NO_KUBERNETES),
        status.map(_ -> true),
        status.map(LocalCollector::flavour),
        new LocalObjects(mesh, cluster).of(configuration),
        logs,
        read("proxies' logs", () -> mesh.proxyLogs(cluster.name(), since)),
        read(
            "metrics",
            () ->
                PrometheusText.read(
                    cluster.name(), mesh.page(cluster.name(), "/metrics"), _ -> true)),
        Look.seen(proxies(cluster)),
        Look.seen(List.of()),
        ProbeOutcome.notWanted(),
        Look.unseen(NO_KUBERNETES),
        Look.unseen(NO_KUBERNETES),
        Look.unseen(NO_KUBERNETES),
        // the same clock, by construction
        Look.seen(List.of(new ClockReading("this machine", Duration.ZERO, Duration.ZERO))),
        Look.unseen(NO_KUBERNETES),
        clock.instant(),
        since);
  }

  private static Flavour flavour(JsonNode status) {
    String domain = status.path("trustDomain").asString("cluster.local");
    return new Flavour(
        Flavour.Kind.LOCAL,
        "",
        ROOT,
        List.of(new Flavour.Revision("default", "", "", Optional.empty())),
        domain);
  }

  private List<ProxyView> proxies(LocalMesh.Cluster cluster) {
    Look<JsonNode> synced = json(cluster, "/debug/syncz");
    Look<List<Metric>> shared =
        read(
            "the counters of the proxies",
            () -> PrometheusText.read("", mesh.figures(cluster.name()), COUNTERS::contains));
    Map<String, JsonNode> known = new HashMap<>();
    synced.found().ifPresent(all -> all.forEach(entry -> known.put(proxy(entry), entry)));
    try (Parallel parallel = new Parallel()) {
      return parallel.each(
          cluster.workloads(),
          workload -> {
            String name = workload.name() + "." + workload.namespace();
            return new ProxyView(
                workload.namespace(),
                workload.name(),
                own(cluster, workload, "/config_dump?include_eds"),
                own(cluster, workload, "/certs"),
                synced instanceof Look.Unseen<JsonNode>(String why, Optional<String> missing)
                    ? new Look.Unseen<>(why, missing)
                    : sync(known.get(name), name),
                counters(cluster, workload, shared));
          });
    }
  }

  /** An Envoy's own; our proxies count together, each under its workload's name. */
  private Look<List<Metric>> counters(
      LocalMesh.Cluster cluster, LocalMesh.Workload workload, Look<List<Metric>> shared) {
    try {
      return Look.seen(
          PrometheusText.read(
              workload.name(),
              mesh.proxyPage(cluster.name(), workload, "/stats/prometheus"),
              COUNTERS::contains));
    } catch (IOException noPageOfItsOwn) {
      return shared.map(all -> all.stream().filter(one -> isOf(workload, one)).toList());
    }
  }

  private static boolean isOf(LocalMesh.Workload workload, Metric sample) {
    String side = sample.labels().getOrDefault("reporter", "");
    return workload.name().equals(sample.labels().get(side + "_workload"))
        && workload.namespace().equals(sample.labels().get(side + "_workload_namespace"));
  }

  private Look<JsonNode> own(LocalMesh.Cluster cluster, LocalMesh.Workload workload, String page) {
    return read(
        "%s of the proxy of %s.%s".formatted(page, workload.name(), workload.namespace()),
        () -> JSON.readTree(mesh.proxyPage(cluster.name(), workload, page)));
  }

  private static Look<JsonNode> sync(
      @org.jspecify.annotations.Nullable JsonNode entry, String name) {
    return entry == null
        ? Look.unseen("no control plane knows the proxy " + name)
        : Look.seen(entry);
  }

  /** The third part of a node's id. */
  private static String proxy(JsonNode entry) {
    String[] parts = entry.path("proxy").asString("").split("~", -1);
    return parts.length == 4 ? parts[2] : parts[0];
  }

  private Look<JsonNode> json(LocalMesh.Cluster cluster, String path) {
    return read(
        path + " of the control plane of " + cluster.name(),
        () -> JSON.readTree(mesh.page(cluster.name(), path)));
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> Look<T> read(String what, Reading<T> reading) {
    try {
      return Look.seen(reading.read());
    } catch (IOException | JacksonException e) {
      return Look.unseen(what + ": " + e.getMessage());
    }
  }
}
