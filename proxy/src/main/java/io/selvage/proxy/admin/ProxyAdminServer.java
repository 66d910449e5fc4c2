package io.selvage.proxy.admin;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.admin.v3.ListenerStatus;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.ProxyResources;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.xds.admin.AdminEndpoint;
import io.selvage.xds.admin.AdminPage;
import io.selvage.xds.admin.AdminRequest;
import io.selvage.xds.admin.ConfigDumpQuery;
import io.selvage.xds.admin.EnvoyJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A proxy's HTTP endpoint for Prometheus, probes and people, with the pages of Envoy's admin
 * endpoint that Istio's tools read. It changes nothing, and no page holds a private key.
 *
 * <p>What an engine carries for several workloads is told by one endpoint for the engine (figures,
 * readiness) and one for each workload (its configuration), which stands on that workload's
 * loopback alone: what one may see of itself, the next need not see.
 */
public final class ProxyAdminServer implements AutoCloseable {
  /** Where metrics are. */
  public static final String METRICS = "/stats/prometheus";

  /** Where a workload's configuration is. */
  public static final String CONFIG_DUMP = "/config_dump";

  /** The port of Envoy's admin endpoint in a workload of Istio's. */
  public static final int PORT = 15000;

  private static final String FORMAT = "format";
  private static final ExpositionFormats FORMATS = ExpositionFormats.init();

  private final AdminEndpoint endpoint;

  private ProxyAdminServer(AdminEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Serves the figures of an engine and whether its workloads are ready.
   *
   * @param at where; port 0 takes a free one
   * @throws IOException when the address is taken
   */
  public static ProxyAdminServer ofEngine(ProxyEngine engine, InetSocketAddress at)
      throws IOException {
    var endpoint = AdminEndpoint.at(at, Optional.empty());
    figures(endpoint, engine);
    readiness(endpoint, engine::workloads);
    return new ProxyAdminServer(endpoint.start());
  }

  /** Serves the configuration of one workload, and whether it is ready. */
  public static ProxyAdminServer ofWorkload(
      WorkloadProxy proxy, InstantSource clock, InetSocketAddress at) throws IOException {
    var endpoint = AdminEndpoint.at(at, Optional.empty());
    configuration(endpoint, proxy, clock);
    readiness(endpoint, () -> List.of(proxy));
    return new ProxyAdminServer(endpoint.start());
  }

  /** Serves both, for an engine that carries this workload alone. */
  public static ProxyAdminServer of(
      ProxyEngine engine, WorkloadProxy proxy, InstantSource clock, InetSocketAddress at)
      throws IOException {
    var endpoint = AdminEndpoint.at(at, Optional.empty());
    figures(endpoint, engine);
    configuration(endpoint, proxy, clock);
    readiness(endpoint, () -> List.of(proxy));
    return new ProxyAdminServer(endpoint.start());
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return endpoint.address();
  }

  private static void figures(AdminEndpoint endpoint, ProxyEngine engine) {
    endpoint.open(METRICS, request -> metrics(engine, request));
    endpoint.open(
        "/stats",
        request ->
            format(request, "prometheus")
                ? metrics(engine, request)
                : AdminPage.text(200, StatsText.of(engine.registry().scrape())));
  }

  private static AdminPage metrics(ProxyEngine engine, AdminRequest request) throws IOException {
    var writer = FORMATS.findWriter(request.accept().orElse(null));
    var content = new ByteArrayOutputStream();
    writer.write(content, engine.registry().scrape());
    return new AdminPage(200, writer.getContentType(), content.toString(StandardCharsets.UTF_8));
  }

  /** Ready is who has taken a configuration and bound its listeners. */
  private static void readiness(AdminEndpoint endpoint, Supplier<List<WorkloadProxy>> proxies) {
    Function<String, AdminPage> page =
        ready -> {
          List<String> waiting =
              proxies.get().stream()
                  .filter(proxy -> !isReady(proxy))
                  .map(WorkloadProxy::spec)
                  .map(WorkloadSpec::name)
                  .map(name -> name + " has no configuration yet\n")
                  .toList();
          return waiting.isEmpty()
              ? AdminPage.text(200, ready)
              : AdminPage.text(503, String.join("", waiting));
        };
    endpoint.open("/healthz/ready", _ -> page.apply("ready"));
    endpoint.open("/ready", _ -> page.apply("LIVE"));
  }

  private static boolean isReady(WorkloadProxy proxy) {
    return !proxy.resources().equals(ProxyResources.NONE);
  }

  private static void configuration(
      AdminEndpoint endpoint, WorkloadProxy proxy, InstantSource clock) {
    Instant startedAt = clock.instant();
    endpoint.open(
        CONFIG_DUMP,
        request -> {
          request.onlyKnows(Set.of(ConfigDumpQuery.ENDPOINTS, ConfigDumpQuery.MASK));
          var query = ConfigDumpQuery.of(request);
          return json(
              query.of(
                  WorkloadDump.of(proxy, endpoint.address(), startedAt, query.withEndpoints())));
        });
    endpoint.open(
        "/clusters",
        request -> {
          var clusters = ClusterPage.message(proxy.resources(), proxy.followed().isPresent());
          return format(request, "json")
              ? figures(clusters)
              : AdminPage.text(200, ClusterPage.text(clusters));
        });
    endpoint.open("/listeners", request -> listeners(request, proxy));
    endpoint.open(
        "/certs",
        _ -> json(CertificatePage.message(proxy.keyMaterial().current(), clock.instant())));
    endpoint.open(
        "/server_info",
        _ ->
            figures(
                ServerInfo.newBuilder()
                    .setVersion("selvage")
                    .setState(
                        isReady(proxy) ? ServerInfo.State.LIVE : ServerInfo.State.INITIALIZING)
                    .setUptimeCurrentEpoch(seconds(startedAt, clock.instant()))
                    .setUptimeAllEpochs(seconds(startedAt, clock.instant()))
                    .setNode(WorkloadDump.node(proxy))
                    .build()));
  }

  private static com.google.protobuf.Duration seconds(Instant from, Instant to) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(Duration.between(from, to).toSeconds())
        .build();
  }

  private static AdminPage listeners(AdminRequest request, WorkloadProxy proxy) {
    Listeners.Builder all = Listeners.newBuilder();
    StringBuilder text = new StringBuilder();
    for (String name : new TreeSet<>(proxy.resources().listeners().keySet())) {
      proxy
          .boundAddress(name)
          .ifPresent(
              at -> {
                all.addListenerStatuses(
                    ListenerStatus.newBuilder()
                        .setName(name)
                        .setLocalAddress(WorkloadDump.address(at)));
                text.append(name)
                    .append("::")
                    .append(at.getAddress().getHostAddress())
                    .append(':')
                    .append(at.getPort())
                    .append('\n');
              });
    }
    return format(request, "json") ? figures(all.build()) : AdminPage.text(200, text.toString());
  }

  private static boolean format(AdminRequest request, String name) {
    return request.parameter(FORMAT).filter(name::equals).isPresent();
  }

  private static AdminPage figures(Message message) {
    return AdminPage.json(EnvoyJson.ofAllFields(message));
  }

  private static AdminPage json(Message message) {
    return AdminPage.json(EnvoyJson.of(message));
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
