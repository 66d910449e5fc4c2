package io.selvage.proxy.admin;

import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.selvage.proxy.ProxyResources;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.xds.XdsType;
import io.selvage.xds.admin.ConfigDumpBuilder;
import io.selvage.xds.admin.DumpedResource;
import io.selvage.xds.client.ClientState;
import io.selvage.xds.client.ClientState.TypeState;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.XdsResource;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one workload's proxy was told, as Envoy's {@code /config_dump} gives it.
 *
 * <p>Resources are written anew from the records that the proxy works with, so that a dump costs
 * memory only while it is made, and says what is enforced: what the proxy skips, since it changes
 * no decision, isn't in it.
 */
final class WorkloadDump {
  private final ConfigDumpBuilder dump;
  private final Map<XdsType, TypeState> states = new HashMap<>();

  private WorkloadDump(WorkloadProxy proxy) {
    this.dump =
        proxy.followed().isPresent() ? ConfigDumpBuilder.dynamic() : ConfigDumpBuilder.fixed();
    proxy
        .followed()
        .ifPresent(client -> client.state().types().forEach(of -> states.put(of.type(), of)));
  }

  /**
   * The dump.
   *
   * @param admin where it is asked for
   * @param startedAt since when the proxy runs
   */
  static ConfigDump of(
      WorkloadProxy proxy, InetSocketAddress admin, Instant startedAt, boolean withEndpoints) {
    WorkloadDump made = new WorkloadDump(proxy);
    made.dump.bootstrap(
        Bootstrap.newBuilder()
            .setNode(node(proxy))
            .setAdmin(Admin.newBuilder().setAddress(address(admin)))
            .build(),
        startedAt);
    ProxyResources resources = proxy.resources();
    made.add(XdsType.CLUSTER, resources.clusters().values());
    if (withEndpoints) {
      made.add(XdsType.ENDPOINTS, resources.endpoints().values());
    }
    made.add(XdsType.LISTENER, resources.listeners().values());
    made.add(XdsType.ROUTES, resources.routes().values());
    resources.listeners().values().forEach(made::addInlineRoutes);
    made.add(XdsType.SECRET, proxy.keyMaterial().current().secrets().values());
    return made.dump.build(withEndpoints);
  }

  /** Who the proxy says it is. */
  static Node node(WorkloadProxy proxy) {
    return proxy
        .followed()
        .map(client -> client.node().node())
        .orElseGet(
            () -> Node.newBuilder().setId(proxy.spec().name()).setUserAgentName("selvage").build());
  }

  static Address address(InetSocketAddress at) {
    return Address.newBuilder()
        .setSocketAddress(
            SocketAddress.newBuilder()
                .setAddress(at.getAddress().getHostAddress())
                .setPortValue(at.getPort()))
        .build();
  }

  private void add(XdsType type, Collection<? extends XdsResource> resources) {
    Optional<TypeState> state = Optional.ofNullable(states.get(type));
    String version = state.map(TypeState::version).orElse("");
    dump.version(type, version);
    Map<String, String> refused =
        new TreeMap<>(
            state
                .flatMap(TypeState::refused)
                .map(ClientState.Refusal::resources)
                .orElseGet(Map::of));
    Map<String, XdsResource> byName = new TreeMap<>();
    resources.forEach(resource -> byName.put(resource.name(), resource));
    for (XdsResource resource : byName.values()) {
      dump.add(
          DumpedResource.of(
              resource,
              version,
              state.flatMap(TypeState::takenAt),
              refusal(state, Optional.ofNullable(refused.remove(resource.name())))));
    }
    refused.forEach(
        (name, why) ->
            dump.add(
                new DumpedResource(
                    type,
                    name,
                    version,
                    Optional.empty(),
                    Optional.empty(),
                    refusal(state, Optional.of(why)))));
  }

  private void addInlineRoutes(Listener listener) {
    listener
        .chains()
        .map(FilterChain::stack)
        .forEach(
            stack -> {
              if (stack instanceof NetworkStack.Http http
                  && http.routes()
                      instanceof NetworkStack.RouteSource.Inline(RouteConfiguration routes)) {
                dump.addInline(
                    DumpedResource.of(
                        routes,
                        "",
                        Optional.ofNullable(states.get(XdsType.LISTENER))
                            .flatMap(TypeState::takenAt),
                        Optional.empty()));
              }
            });
  }

  private static Optional<DumpedResource.Refusal> refusal(
      Optional<TypeState> state, Optional<String> why) {
    return state
        .flatMap(TypeState::refused)
        .flatMap(
            all ->
                why.or(() -> all.resources().isEmpty() ? Optional.of(all.why()) : Optional.empty())
                    .map(words -> new DumpedResource.Refusal(words, all.at())));
  }
}
