package io.selvage.it.istiod;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseProblem;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.parse.Understood;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All that istiod sends one sidecar, and what our proxy makes of it. */
final class Sent {
  private static final Map<String, Message> TYPES =
      Stream.<Message>of(
              Listener.getDefaultInstance(),
              Cluster.getDefaultInstance(),
              ClusterLoadAssignment.getDefaultInstance(),
              RouteConfiguration.getDefaultInstance(),
              HttpConnectionManager.getDefaultInstance(),
              TcpProxy.getDefaultInstance(),
              Router.getDefaultInstance(),
              HTTPFault.getDefaultInstance(),
              FileAccessLog.getDefaultInstance(),
              OriginalDst.getDefaultInstance(),
              TlsInspector.getDefaultInstance(),
              HttpInspector.getDefaultInstance(),
              RawBuffer.getDefaultInstance(),
              DownstreamTlsContext.getDefaultInstance(),
              UpstreamTlsContext.getDefaultInstance(),
              HttpProtocolOptions.getDefaultInstance())
          .collect(
              Collectors.toUnmodifiableMap(
                  like -> like.getDescriptorForType().getFullName(), Function.identity()));

  private final Map<XdsType, List<Any>> resources = new TreeMap<>();

  /** How often each field that is passed over is set, by message and field. */
  final Map<String, Integer> fields = new TreeMap<>();

  /** How often each filter that is passed over occurs, by its configuration's type. */
  final Map<String, Integer> filters = new TreeMap<>();

  private final TreeSet<String> routes = new TreeSet<>();
  private final TreeSet<String> endpoints = new TreeSet<>();
  private int read;

  /** Asks for everything, as a proxy would. */
  static Sent to(Istiod istiod, Workload workload) throws Exception {
    var sent = new Sent();
    try (var ads = new RawAds(istiod, workload)) {
      sent.take(XdsType.CLUSTER, ads.get(XdsType.CLUSTER, List.of()));
      sent.take(XdsType.LISTENER, ads.get(XdsType.LISTENER, List.of()));
      sent.take(XdsType.ENDPOINTS, ads.get(XdsType.ENDPOINTS, sent.endpoints));
      sent.take(XdsType.ROUTES, ads.get(XdsType.ROUTES, sent.routes));
    }
    return sent;
  }

  private void take(XdsType type, List<Any> of) {
    resources.put(type, of);
    of.forEach(this::any);
  }

  /** Names of the resources of a type are counted. */
  int count(XdsType type) {
    return resources.getOrDefault(type, List.of()).size();
  }

  /** How many fields are set that are read. */
  int read() {
    return read;
  }

  /** Whether a listener of that name is among it. */
  boolean hasListener(String name) {
    return resources.getOrDefault(XdsType.LISTENER, List.of()).stream()
        .anyMatch(each -> named(each).equals(name));
  }

  private static String named(Any listener) {
    try {
      return listener.unpack(Listener.class).getName();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("istiod sends no well-formed listener", e);
    }
  }

  /** Why our proxy refuses something of it: each reason once, without the place. */
  List<String> refusals() {
    return resources.entrySet().stream()
        .flatMap(
            entry ->
                ResourceParser.parse(entry.getKey(), entry.getValue()).problems().stream()
                    .map(problem -> reason(entry.getKey(), problem)))
        .distinct()
        .sorted()
        .toList();
  }

  private static String reason(XdsType type, ParseProblem problem) {
    String[] steps = problem.path().replaceAll("\\[[^\\]]*]", "").split("\\.", -1);
    String last = steps[steps.length - 1];
    return "%s: `%s` %s".formatted(type, last, problem.reason());
  }

  private void any(Any any) {
    String name = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
    Message like = TYPES.get(name);
    try {
      if (name.endsWith(".TypedStruct")) {
        String url = com.github.xds.type.v3.TypedStruct.parseFrom(any.getValue()).getTypeUrl();
        filters.merge(url.substring(url.lastIndexOf('/') + 1), 1, Integer::sum);
      } else if (like == null) {
        filters.merge(name, 1, Integer::sum);
      } else {
        message(like.getParserForType().parseFrom(any.getValue()));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("istiod sends no well-formed " + name, e);
    }
  }

  private void message(Message message) {
    switch (message) {
      case Any any -> any(any);
      case Rds rds -> routes.add(rds.getRouteConfigName());
      case Cluster cluster when cluster.getType() == Cluster.DiscoveryType.EDS ->
          endpoints.add(
              cluster.getEdsClusterConfig().getServiceName().isEmpty()
                  ? cluster.getName()
                  : cluster.getEdsClusterConfig().getServiceName());
      default -> {}
    }
    String type = message.getDescriptorForType().getFullName();
    Understood.Fields understood = Understood.messages().get(type);
    if (understood == null) {
      return; // plain data, or refused: then it is among the refusals
    }
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      String field = set.getKey().getName();
      if (understood.passes().contains(field)) {
        fields.merge(type + "." + field, 1, Integer::sum);
      } else {
        read++;
        below(set.getValue());
      }
    }
  }

  private void below(Object value) {
    switch (value) {
      case List<?> items -> items.forEach(this::below);
      case MapEntry<?, ?> entry -> below(entry.getValue());
      case Message message -> message(message);
      default -> {}
    }
  }
}
