package io.selvage.xds.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EcdsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.ScopedRoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.selvage.xds.XdsType;
import java.time.Instant;

/**
 * Lays resources out as Envoy's {@code /config_dump} does ({@code envoy.admin.v3.ConfigDump}), each
 * where tools look for it.
 */
public final class ConfigDumpBuilder {
  private final boolean fixed;
  private final BootstrapConfigDump.Builder bootstrap = BootstrapConfigDump.newBuilder();
  private final ClustersConfigDump.Builder clusters = ClustersConfigDump.newBuilder();
  private final EndpointsConfigDump.Builder endpoints = EndpointsConfigDump.newBuilder();
  private final ListenersConfigDump.Builder listeners = ListenersConfigDump.newBuilder();
  private final RoutesConfigDump.Builder routes = RoutesConfigDump.newBuilder();
  private final EcdsConfigDump.Builder extensions = EcdsConfigDump.newBuilder();
  private final SecretsConfigDump.Builder secrets = SecretsConfigDump.newBuilder();

  private ConfigDumpBuilder(boolean fixed) {
    this.fixed = fixed;
  }

  /** Of resources that came from a control plane. */
  public static ConfigDumpBuilder dynamic() {
    return new ConfigDumpBuilder(false);
  }

  /** Of resources that a bootstrap holds. */
  public static ConfigDumpBuilder fixed() {
    return new ConfigDumpBuilder(true);
  }

  /** What the proxy was started with, and when. */
  public ConfigDumpBuilder bootstrap(Bootstrap started, Instant at) {
    bootstrap.setBootstrap(started).setLastUpdated(timestamp(at));
    return this;
  }

  /** The version of a whole type, where it has one. */
  public ConfigDumpBuilder version(XdsType type, String version) {
    switch (type) {
      case CLUSTER -> clusters.setVersionInfo(version);
      case LISTENER -> listeners.setVersionInfo(version);
      case ENDPOINTS, EXTENSION, ROUTES, SECRET -> {}
    }
    return this;
  }

  /** A resource, at the end of those of its type. */
  public ConfigDumpBuilder add(DumpedResource resource) {
    if (fixed) {
      addFixed(resource);
    } else {
      addDynamic(resource);
    }
    return this;
  }

  /** A resource that stands in another, such as the routes of a listener. */
  public ConfigDumpBuilder addInline(DumpedResource resource) {
    addFixed(resource);
    return this;
  }

  private void addFixed(DumpedResource from) {
    Any content = from.content().orElseGet(Any::getDefaultInstance);
    Timestamp updated = timestamp(from.updated().orElse(Instant.EPOCH));
    switch (from.type()) {
      case CLUSTER ->
          clusters.addStaticClustersBuilder().setCluster(content).setLastUpdated(updated);
      case ENDPOINTS ->
          endpoints
              .addStaticEndpointConfigsBuilder()
              .setEndpointConfig(content)
              .setLastUpdated(updated);
      case EXTENSION -> throw new IllegalArgumentException("no bootstrap holds what is discovered");
      case LISTENER ->
          listeners.addStaticListenersBuilder().setListener(content).setLastUpdated(updated);
      case ROUTES ->
          routes.addStaticRouteConfigsBuilder().setRouteConfig(content).setLastUpdated(updated);
      case SECRET ->
          secrets
              .addStaticSecretsBuilder()
              .setName(from.name())
              .setSecret(content)
              .setLastUpdated(updated);
    }
  }

  private void addDynamic(DumpedResource from) {
    switch (from.type()) {
      case CLUSTER -> {
        if (from.content().isPresent()) { // istioctl takes none without its content
          addCluster(from, from.content().get());
        }
      }
      case ENDPOINTS -> addEndpoints(from);
      case EXTENSION -> addExtension(from);
      case LISTENER -> addListener(from);
      case ROUTES -> addRoutes(from);
      case SECRET -> addSecret(from);
    }
  }

  private void addCluster(DumpedResource from, Any content) {
    var to =
        clusters
            .addDynamicActiveClustersBuilder()
            .setVersionInfo(from.version())
            .setCluster(content);
    from.updated().map(ConfigDumpBuilder::timestamp).ifPresent(to::setLastUpdated);
    from.refused().map(ConfigDumpBuilder::failure).ifPresent(to::setErrorState);
  }

  private void addEndpoints(DumpedResource from) {
    var to = endpoints.addDynamicEndpointConfigsBuilder().setVersionInfo(from.version());
    from.content().ifPresent(to::setEndpointConfig);
    from.updated().map(ConfigDumpBuilder::timestamp).ifPresent(to::setLastUpdated);
    from.refused().map(ConfigDumpBuilder::failure).ifPresent(to::setErrorState);
  }

  private void addExtension(DumpedResource from) {
    var to = extensions.addEcdsFiltersBuilder().setVersionInfo(from.version());
    from.content().ifPresent(to::setEcdsFilter);
    from.updated().map(ConfigDumpBuilder::timestamp).ifPresent(to::setLastUpdated);
    from.refused().map(ConfigDumpBuilder::failure).ifPresent(to::setErrorState);
  }

  private void addListener(DumpedResource from) {
    var to = listeners.addDynamicListenersBuilder().setName(from.name());
    if (from.content().isPresent()) {
      var active =
          to.getActiveStateBuilder()
              .setVersionInfo(from.version())
              .setListener(from.content().get());
      from.updated().map(ConfigDumpBuilder::timestamp).ifPresent(active::setLastUpdated);
    }
    from.refused().map(ConfigDumpBuilder::failure).ifPresent(to::setErrorState);
  }

  private void addRoutes(DumpedResource from) {
    if (from.content().isEmpty()) {
      return; // as clusters
    }
    var to =
        routes
            .addDynamicRouteConfigsBuilder()
            .setVersionInfo(from.version())
            .setRouteConfig(from.content().get());
    from.updated().map(ConfigDumpBuilder::timestamp).ifPresent(to::setLastUpdated);
    from.refused().map(ConfigDumpBuilder::failure).ifPresent(to::setErrorState);
  }

  private void addSecret(DumpedResource from) {
    if (from.content().isEmpty()) {
      return;
    }
    var to =
        secrets
            .addDynamicActiveSecretsBuilder()
            .setName(from.name())
            .setVersionInfo(from.version())
            .setSecret(from.content().get());
    from.updated().map(ConfigDumpBuilder::timestamp).ifPresent(to::setLastUpdated);
    from.refused().map(ConfigDumpBuilder::failure).ifPresent(to::setErrorState);
  }

  private static UpdateFailureState failure(DumpedResource.Refusal refusal) {
    return UpdateFailureState.newBuilder()
        .setDetails(refusal.detail())
        .setLastUpdateAttempt(timestamp(refusal.at()))
        .build();
  }

  /** A moment as protobuf writes it. */
  public static Timestamp timestamp(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  /**
   * The dump, in Envoy's order.
   *
   * @param withEndpoints whether endpoints are in it ({@code include_eds})
   */
  public ConfigDump build(boolean withEndpoints) {
    ConfigDump.Builder dump =
        ConfigDump.newBuilder()
            .addConfigs(Any.pack(bootstrap.build()))
            .addConfigs(Any.pack(clusters.build()));
    if (withEndpoints) {
      dump.addConfigs(Any.pack(endpoints.build()));
    }
    return dump.addConfigs(Any.pack(listeners.build()))
        .addConfigs(Any.pack(ScopedRoutesConfigDump.getDefaultInstance()))
        .addConfigs(Any.pack(routes.build()))
        .addConfigs(Any.pack(secrets.build()))
        .addConfigs(Any.pack(extensions.build()))
        .build();
  }
}
