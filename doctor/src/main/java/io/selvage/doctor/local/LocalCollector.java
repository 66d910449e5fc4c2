package io.selvage.doctor.local;

import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.metrics.PrometheusText;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        Look.unseen("no probes were sent: --probe sends them"),
        Look.unseen(NO_KUBERNETES),
        Look.unseen(NO_KUBERNETES),
        Look.unseen(NO_KUBERNETES),
        Look.seen(List.<ClockReading>of()),
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
    Map<String, JsonNode> known = new HashMap<>();
    synced.found().ifPresent(all -> all.forEach(entry -> known.put(proxy(entry), entry)));
    return cluster.workloads().stream()
        .map(
            workload -> {
              String name = workload.name() + "." + workload.namespace();
              return new ProxyView(
                  workload.namespace(),
                  workload.name(),
                  json(cluster, "/debug/config_dump?proxyID=" + name),
                  read(
                      "the certificate of " + name,
                      () -> mesh.certificates(cluster.name(), workload)),
                  synced instanceof Look.Unseen<JsonNode>(String why, Optional<String> missing)
                      ? new Look.Unseen<>(why, missing)
                      : sync(known.get(name), name),
                  Look.unseen("a workload's own pages stand on its own loopback"));
            })
        .toList();
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
