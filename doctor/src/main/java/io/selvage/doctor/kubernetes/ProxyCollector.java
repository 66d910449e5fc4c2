package io.selvage.doctor.kubernetes;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.kubernetes.ControlPages.PodClock;
import io.selvage.doctor.metrics.PrometheusText;
import io.selvage.doctor.view.Written;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks workloads' proxies: of each its certificates, of some, one of each workload before a second
 * of any, the whole configuration.
 */
final class ProxyCollector {
  /** Envoy's admin endpoint in Istio's Pods, and ours. */
  static final int PORT = 15_000;

  private static final String CONTAINER = "istio-proxy";
  private static final String CERTIFICATES = "/certs";
  private static final String CONFIGURATION = "/config_dump?include_eds";
  private static final List<String> DEEP =
      List.of(CERTIFICATES, CONFIGURATION, "/stats/prometheus?usedonly");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Who fails, who is let in, what is refused, and for how long certificates hold. */
  private static final Pattern STATS =
      Pattern.compile(
          "istio_requests_total|istio_tcp_connections_opened_total|envoy_control_plane_connected_state"
              + "|envoy_server_days_until_first_cert_expiring|.*_update_rejected|.*_rbac_.*"
              + "|.*_ssl_(handshake|fail_.*|connection_error|no_certificate)|selvage_.*");

  private static final Duration STARTING = Duration.ofSeconds(5);

  private final PodPages pages;
  private final Parallel parallel;
  private final InstantSource clock;
  private final Map<String, PodClock> dates = new ConcurrentHashMap<>();

  ProxyCollector(PodPages pages, Parallel parallel, InstantSource clock) {
    this.pages = pages;
    this.parallel = parallel;
    this.clock = clock;
  }

  /**
   * Pods that run with a proxy, those first that are asked in depth first. With a native sidecar
   * the application waits for its proxy, and the Pod for both: one whose proxy gets no certificate
   * never runs, and is asked all the same once it has had the time to start.
   */
  static List<ApiObject> withProxies(Objects objects, Set<String> focus, Instant now) {
    List<ApiObject> all =
        objects.all(Kind.POD).stream()
            .filter(pod -> Selecting.isRunning(pod) ? hasProxy(pod) : waitsForProxy(pod, now))
            .toList();
    Map<String, Integer> seen = new HashMap<>();
    Map<ApiObject, Integer> rank = new HashMap<>();
    for (ApiObject pod : all) {
      int nth = seen.merge(workload(pod), 1, Integer::sum);
      rank.put(pod, focus.contains(pod.namespace() + "/" + pod.name()) ? 0 : nth);
    }
    List<ApiObject> ordered = new ArrayList<>(all);
    ordered.sort(
        Comparator.comparing((ApiObject pod) -> rank.getOrDefault(pod, 0))
            .thenComparing(ApiObject::namespace)
            .thenComparing(ApiObject::name));
    return ordered;
  }

  private static String workload(ApiObject pod) {
    return pod.namespace() + "/" + pod.text("/metadata/ownerReferences/0/name");
  }

  private static boolean waitsForProxy(ApiObject pod, Instant now) {
    return pod.at("/metadata/deletionTimestamp").isMissingNode()
        && pod.at("/status/initContainerStatuses")
            .valueStream()
            .filter(one -> one.path("name").asString("").equals(CONTAINER))
            .flatMap(
                one -> Written.instant(one.at("/state/running/startedAt").asString("")).stream())
            .anyMatch(started -> started.plus(STARTING).isBefore(now));
  }

  private static boolean hasProxy(ApiObject pod) {
    for (String list : new String[] {"containers", "initContainers"}) {
      for (JsonNode container : pod.at("/spec/" + list)) {
        if (container.path("name").asString("").equals(CONTAINER)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Asks.
   *
   * @param pods those with proxies, in order
   * @param deep how many are asked for everything
   * @param told what the control plane says of them, which is asked meanwhile
   */
  List<ProxyView> read(
      List<ApiObject> pods, int deep, CompletableFuture<Look<Map<String, JsonNode>>> told) {
    Set<ApiObject> inDepth = new HashSet<>(pods.subList(0, Math.min(deep, pods.size())));
    return parallel.each(
        pods,
        pod -> {
          boolean isDeep = inDepth.contains(pod);
          List<Look<PodPages.Page>> read = pages(pod, isDeep ? DEEP : List.of(CERTIFICATES));
          Look<JsonNode> certificates =
              json(pod, CERTIFICATES, read.getFirst()).map(ProxyCollector::each);
          Look<JsonNode> sync = sync(pod, told.join());
          if (!isDeep) {
            String why =
                "not asked: %d of %d proxies are, --proxies says how many"
                    .formatted(deep, pods.size());
            return new ProxyView(
                pod.namespace(),
                pod.name(),
                Look.unseen(why),
                certificates,
                sync,
                Look.unseen(why));
          }
          return new ProxyView(
              pod.namespace(),
              pod.name(),
              json(pod, CONFIGURATION, read.get(1)),
              certificates,
              sync,
              read.get(2)
                  .map(
                      page ->
                          PrometheusText.read(
                              pod.name(), page.body(), name -> STATS.matcher(name).matches())));
        });
  }

  /** Clocks of the Pods that were asked. */
  Map<String, PodClock> dates() {
    return Map.copyOf(dates);
  }

  private static Look<JsonNode> sync(ApiObject pod, Look<Map<String, JsonNode>> synced) {
    String proxy = pod.name() + "." + pod.namespace();
    return switch (synced) {
      case Look.Unseen<Map<String, JsonNode>>(String why, Optional<String> missing) ->
          new Look.Unseen<>(why, missing);
      case Look.Seen<Map<String, JsonNode>>(Map<String, JsonNode> all) -> {
        JsonNode found = all.get(proxy);
        yield found == null
            ? Look.unseen("no control plane knows the proxy " + proxy)
            : Look.seen(found);
      }
    };
  }

  private List<Look<PodPages.Page>> pages(ApiObject pod, List<String> paths) {
    List<Look<PodPages.Page>> read = pages.pages(pod.namespace(), pod.name(), PORT, paths);
    read.stream()
        .flatMap(page -> page.found().stream())
        .flatMap(page -> page.date().stream())
        .reduce((_, last) -> last)
        .ifPresent(
            date ->
                dates.put(pod.namespace() + "/" + pod.name(), new PodClock(date, clock.instant())));
    return read;
  }

  /** Envoy shows a certificate once more for each of its clusters; here each is kept once. */
  private static JsonNode each(JsonNode page) {
    if (page instanceof ObjectNode object && object.path("certificates") instanceof ArrayNode all) {
      Set<JsonNode> different = new LinkedHashSet<>();
      all.forEach(different::add);
      object.putArray("certificates").addAll(different);
    }
    return page;
  }

  private static Look<JsonNode> json(ApiObject pod, String path, Look<PodPages.Page> read) {
    return switch (read) {
      case Look.Seen<PodPages.Page>(PodPages.Page page) -> {
        try {
          yield Look.seen(JSON.readTree(Redaction.text(page.body())));
        } catch (JacksonException e) {
          yield Look.unseen(
              "%s of Pod %s/%s is no JSON".formatted(path, pod.namespace(), pod.name()));
        }
      }
      case Look.Unseen<PodPages.Page>(String why, Optional<String> missing) ->
          new Look.Unseen<>(why, missing);
    };
  }
}
