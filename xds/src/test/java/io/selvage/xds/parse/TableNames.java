package io.selvage.xds.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the messages of the table by walking all that the roots refer to. */
final class TableNames {
  private TableNames() {}

  static void check(Map<String, Understood.Fields> table) {
    Map<String, Descriptor> known = known();
    assertThat(known).containsKeys(table.keySet().toArray(String[]::new));
    known.forEach(
        (message, descriptor) -> {
          Understood.Fields fields = table.get(message);
          if (fields != null) {
            List<String> all =
                descriptor.getFields().stream().map(FieldDescriptor::getName).toList();
            assertThat(fields.reads()).as(message).isSubsetOf(all);
            assertThat(fields.passes()).as(message).isSubsetOf(all);
            assertThat(fields.reads()).as(message).noneMatch(fields.passes()::contains);
          }
        });
  }

  static Map<String, Descriptor> known() {
    Deque<Descriptor> open = new ArrayDeque<>();
    open.add(io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.getDescriptor());
    open.add(io.envoyproxy.envoy.config.listener.v3.Listener.getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst
            .getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
            .getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector
            .getDescriptor());
    open.add(io.envoyproxy.envoy.config.cluster.v3.Cluster.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig
            .getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
            .getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer.getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
            .HttpConnectionManager.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.http.router.v3.Router.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz.getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog.getDescriptor());
    open.add(io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.getDescriptor());
    open.add(
        io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig
            .getDescriptor());
    Map<String, Descriptor> known = new HashMap<>();
    while (!open.isEmpty()) {
      Descriptor next = open.remove();
      if (known.putIfAbsent(next.getFullName(), next) == null) {
        for (FieldDescriptor field : next.getFields()) {
          if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            open.add(field.getMessageType());
          }
        }
      }
    }
    return known;
  }
}
