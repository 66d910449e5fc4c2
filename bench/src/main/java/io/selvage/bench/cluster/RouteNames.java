package io.selvage.bench.cluster;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Which routes listeners ask for; what many sidecars have alike is decoded once. */
final class RouteNames {
  private final ConcurrentHashMap<ByteString, Set<String>> known = new ConcurrentHashMap<>();

  /** Of a listener in its bytes. */
  Set<String> of(ByteString listener) {
    return known.computeIfAbsent(listener, RouteNames::decode);
  }

  private static Set<String> decode(ByteString bytes) {
    Set<String> names = new TreeSet<>();
    try {
      Listener listener = Listener.parseFrom(bytes);
      List<FilterChain> chains = new ArrayList<>(listener.getFilterChainsList());
      chains.add(listener.getDefaultFilterChain());
      for (FilterChain chain : chains) {
        for (Filter filter : chain.getFiltersList()) {
          Any config = filter.getTypedConfig();
          if (config.is(HttpConnectionManager.class)) {
            HttpConnectionManager manager = config.unpack(HttpConnectionManager.class);
            if (manager.hasRds()) {
              names.add(manager.getRds().getRouteConfigName());
            }
          }
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a listener cannot be read", e);
    }
    return names;
  }
}
