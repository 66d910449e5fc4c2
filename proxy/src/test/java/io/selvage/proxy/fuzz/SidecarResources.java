package io.selvage.proxy.fuzz;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.selvage.xds.XdsType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The resources of the sidecar whose configuration is golden in {@code xds}, as its bytes. */
final class SidecarResources {
  private static final Path GOLDEN = Path.of("../xds/src/test/golden/sidecar.json");
  private static final Pattern HEADING = Pattern.compile("(?m)^// (\\w+) (.*)$");
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(
              List.of(
                  io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
                      .HttpConnectionManager.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.http.router.v3.Router.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig
                      .getDescriptor(),
                  io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog
                      .getDescriptor()))
          .build();

  /** One resource. */
  record Golden(XdsType type, String name, Any any) {}

  private SidecarResources() {}

  static List<Golden> all() {
    try {
      String text = Files.readString(GOLDEN);
      List<Golden> all = new ArrayList<>();
      Matcher heading = HEADING.matcher(text);
      while (heading.find()) {
        XdsType type = XdsType.valueOf(heading.group(1));
        int end = text.indexOf("\n// ", heading.end());
        String json = text.substring(heading.end(), end < 0 ? text.length() : end);
        Message.Builder builder = builder(type);
        JsonFormat.parser().usingTypeRegistry(TYPES).merge(json, builder);
        Any any =
            Any.newBuilder()
                .setTypeUrl(type.url())
                .setValue(builder.build().toByteString())
                .build();
        all.add(new Golden(type, heading.group(2), any));
      }
      return all;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message.Builder builder(XdsType type) {
    return switch (type) {
      case LISTENER -> Listener.newBuilder();
      case ROUTES -> RouteConfiguration.newBuilder();
      case CLUSTER -> Cluster.newBuilder();
      case ENDPOINTS -> ClusterLoadAssignment.newBuilder();
      case SECRET -> Secret.newBuilder();
    };
  }
}
