package io.selvage.doctor.kubernetes;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.kubernetes.ControlPlanePods.Replica;
import io.selvage.doctor.metrics.PrometheusText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What control planes show at their port 15014: metrics, and what they think of their proxies. */
final class ControlPages {
  static final int PORT = 15_014;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final PodPages pages;
  private final Parallel parallel;

  ControlPages(PodPages pages, Parallel parallel) {
    this.pages = pages;
    this.parallel = parallel;
  }

  /**
   * What was read.
   *
   * @param synced entries of {@code /debug/syncz} by {@code NAME.NAMESPACE} of the proxy
   * @param dates the replicas' clocks, each with ours when it was read
   */
  record Told(
      Look<List<Metric>> metrics,
      Look<Map<String, JsonNode>> synced,
      Map<String, PodClock> dates) {}

  /**
   * A clock.
   *
   * @param says what it showed
   * @param at ours then
   */
  record PodClock(Instant says, Instant at) {}

  private record OfReplica(
      String pod,
      Look<PodPages.Page> metrics,
      Look<PodPages.Page> synced,
      Look<PodPages.Page> clusters) {}

  Told read(List<Replica> replicas, java.time.InstantSource clock) {
    List<Replica> running =
        replicas.stream().filter(each -> Selecting.isRunning(each.pod())).toList();
    if (running.isEmpty()) {
      String why = replicas.isEmpty() ? "the control plane has no Pods here" : "no Pod of it runs";
      return new Told(Look.unseen(why), Look.unseen(why), Map.of());
    }
    Map<String, PodClock> dates = new java.util.concurrent.ConcurrentHashMap<>();
    List<OfReplica> read =
        parallel.each(
            running,
            replica -> {
              List<Look<PodPages.Page>> all =
                  pages.pages(
                      replica.pod().namespace(),
                      replica.pod().name(),
                      PORT,
                      List.of("/metrics", "/debug/syncz", "/debug/clusterz"));
              Look<PodPages.Page> metrics = all.getFirst();
              metrics
                  .found()
                  .flatMap(PodPages.Page::date)
                  .ifPresent(
                      date ->
                          dates.put(
                              replica.pod().namespace() + "/" + replica.pod().name(),
                              new PodClock(date, clock.instant())));
              return new OfReplica(replica.pod().name(), metrics, all.get(1), all.get(2));
            });
    return new Told(metrics(read), synced(read), Map.copyOf(dates));
  }

  private static Look<List<Metric>> metrics(List<OfReplica> read) {
    List<Look<List<Metric>>> parts = new ArrayList<>();
    for (OfReplica one : read) {
      parts.add(
          one.metrics()
              .map(
                  page ->
                      RemoteStatus.corrected(
                          PrometheusText.read(one.pod(), page.body(), _ -> true),
                          one.pod(),
                          one.clusters().map(PodPages.Page::body))));
    }
    return ObjectCollector.all(parts);
  }

  private static Look<Map<String, JsonNode>> synced(List<OfReplica> read) {
    List<Look<List<JsonNode>>> parts = new ArrayList<>();
    for (OfReplica one : read) {
      parts.add(flattened(one));
    }
    return ObjectCollector.all(parts)
        .map(
            entries -> {
              Map<String, JsonNode> byProxy = new HashMap<>();
              entries.forEach(entry -> byProxy.put(proxy(entry), entry));
              return byProxy;
            });
  }

  /** A node's id is {@code TYPE~ADDRESS~NAME.NAMESPACE~DOMAIN}; istiod shows the third part. */
  private static String proxy(JsonNode entry) {
    String[] parts = entry.path("proxy").asString("").split("~", -1);
    return parts.length == 4 ? parts[2] : parts[0];
  }

  private static Look<List<JsonNode>> flattened(OfReplica one) {
    return switch (one.synced()) {
      case Look.Seen<PodPages.Page>(PodPages.Page page) -> {
        try {
          List<JsonNode> entries = new ArrayList<>();
          JSON.readTree(page.body()).forEach(entries::add);
          yield Look.seen(entries);
        } catch (JacksonException e) {
          yield Look.unseen("/debug/syncz of %s is no JSON".formatted(one.pod()));
        }
      }
      case Look.Unseen<PodPages.Page>(String why, Optional<String> missing) ->
          new Look.Unseen<>(why, missing);
    };
  }
}
