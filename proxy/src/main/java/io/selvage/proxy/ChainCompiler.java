package io.selvage.proxy;

import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.accept.Chain;
import io.selvage.proxy.accept.ChainTable;
import io.selvage.proxy.accept.ConnectionStack;
import io.selvage.proxy.accept.WorkloadReports;
import io.selvage.proxy.extauthz.ExternalAuthorizers;
import io.selvage.proxy.http.HttpStack;
import io.selvage.proxy.http.RouteTables;
import io.selvage.proxy.tcp.TcpStack;
import io.selvage.proxy.telemetry.DenialRing;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.upstream.ClusterCheckTransport;
import io.selvage.proxy.upstream.Clusters;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes configured listeners ready to be used: everything that no connection changes is worked out
 * here, off the event loops. Policies that many chains share are compiled once.
 */
final class ChainCompiler {
  private final String workload;
  private final TlsContexts tls;
  private final Clusters clusters;
  private final RouteTables routes;
  private final WorkloadReports reports;
  private final AccessLogFiles accessLogs;
  private final Optional<OutputStream> console;
  private final DenialRing denials;
  private final InstantSource clock;

  ChainCompiler(
      String workload,
      TlsContexts tls,
      Clusters clusters,
      RouteTables routes,
      WorkloadReports reports,
      AccessLogFiles accessLogs,
      Optional<OutputStream> console,
      DenialRing denials,
      InstantSource clock) {
    this.workload = workload;
    this.tls = tls;
    this.clusters = clusters;
    this.routes = routes;
    this.reports = reports;
    this.accessLogs = accessLogs;
    this.console = console;
    this.denials = denials;
    this.clock = clock;
  }

  /**
   * Compiles one listener.
   *
   * @param before the same listener as it was, or null: a policy that stays is not compiled again,
   *     and what is open needs not be decided again by it
   * @throws IllegalArgumentException when it does not hold all of its filters
   */
  ChainTable compile(Listener listener, @Nullable ChainTable before) {
    if (!listener.isWhole()) {
      throw new IllegalArgumentException("listener " + listener.name() + " lacks some filters");
    }
    Map<Authorization, CompiledAuthorization> compiled = new HashMap<>();
    if (before != null) {
      for (Chain chain : before.chains()) {
        CompiledAuthorization known = chain.stack().authorization();
        compiled.put(known.source(), known);
      }
    }
    List<Chain> chains =
        listener.filterChains().stream().map(chain -> chain(listener, chain, compiled)).toList();
    return new ChainTable(
        listener,
        chains,
        listener.defaultFilterChain().map(chain -> chain(listener, chain, compiled)));
  }

  private Chain chain(
      Listener listener, FilterChain config, Map<Authorization, CompiledAuthorization> compiled) {
    return new Chain(
        config,
        listener.direction(),
        config.tls().map(tls::server),
        stack(config.stack(), compiled));
  }

  private ConnectionStack stack(
      NetworkStack config, Map<Authorization, CompiledAuthorization> compiled) {
    return switch (config) {
      case NetworkStack.Http http ->
          HttpStack.compile(
              http,
              authorization ->
                  compiled.computeIfAbsent(authorization, CompiledAuthorization::compile),
              routes,
              clusters,
              reporting(http.accessLog()),
              reports,
              ProxyEngine.randomBits(),
              clock);
      case NetworkStack.Tcp tcp ->
          new TcpStack(
              compiled.computeIfAbsent(tcp.authorization(), CompiledAuthorization::compile),
              new ExternalAuthorizers(
                  tcp.customProviders(),
                  cluster -> new ClusterCheckTransport(clusters.slot(cluster))),
              clusters.slot(tcp.cluster()),
              tcp.idleTimeout(),
              reporting(tcp.accessLog()),
              reports);
    };
  }

  /** Who hears of what happens under a listener's access log. */
  Reporting reporting(Optional<AccessLog> accessLog) {
    return new Reporting(
        accessLog.flatMap(log -> accessLogs.open(log, console)), denials, workload);
  }
}
