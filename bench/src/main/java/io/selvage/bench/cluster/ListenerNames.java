package io.selvage.bench.cluster;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** What listeners name that they do not hold; what many sidecars have alike is decoded once. */
final class ListenerNames {
  private final ConcurrentHashMap<ByteString, Named> known = new ConcurrentHashMap<>();

  /**
   * What a listener names.
   *
   * @param routes by RDS
   * @param extensions by ECDS
   */
  record Named(Set<String> routes, Set<String> extensions) {}

  /** Of a listener in its bytes. */
  Named of(ByteString listener) {
    return known.computeIfAbsent(listener, ListenerNames::decode);
  }

  private static Named decode(ByteString bytes) {
    Named named = new Named(new TreeSet<>(), new TreeSet<>());
    try {
      Listener listener = Listener.parseFrom(bytes);
      List<FilterChain> chains = new ArrayList<>(listener.getFilterChainsList());
      chains.add(listener.getDefaultFilterChain());
      for (FilterChain chain : chains) {
        for (Filter filter : chain.getFiltersList()) {
          Any config = filter.getTypedConfig();
          if (filter.hasConfigDiscovery()) {
            named.extensions().add(filter.getName());
          } else if (config.is(HttpConnectionManager.class)) {
            add(config.unpack(HttpConnectionManager.class), named);
          }
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a listener cannot be read", e);
    }
    return named;
  }

  private static void add(HttpConnectionManager manager, Named named) {
    if (manager.hasRds()) {
      named.routes().add(manager.getRds().getRouteConfigName());
    }
    manager.getHttpFiltersList().stream()
        .filter(HttpFilter::hasConfigDiscovery)
        .map(HttpFilter::getName)
        .forEach(named.extensions()::add);
  }
}
