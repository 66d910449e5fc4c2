package io.selvage.xds.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.EcdsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.ScopedRoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import java.util.stream.Stream;

/**
 * Envoy's messages as the JSON that its admin endpoint gives: protobuf's, in the names of the
 * protos.
 */
public final class EnvoyJson {
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(
              Stream.<Message>of(
                      BootstrapConfigDump.getDefaultInstance(),
                      ClustersConfigDump.getDefaultInstance(),
                      EcdsConfigDump.getDefaultInstance(),
                      EndpointsConfigDump.getDefaultInstance(),
                      ListenersConfigDump.getDefaultInstance(),
                      RoutesConfigDump.getDefaultInstance(),
                      ScopedRoutesConfigDump.getDefaultInstance(),
                      SecretsConfigDump.getDefaultInstance(),
                      ClientConfig.getDefaultInstance(),
                      Cluster.getDefaultInstance(),
                      ClusterLoadAssignment.getDefaultInstance(),
                      Listener.getDefaultInstance(),
                      RouteConfiguration.getDefaultInstance(),
                      Secret.getDefaultInstance(),
                      DownstreamTlsContext.getDefaultInstance(),
                      ExtAuthz.getDefaultInstance(),
                      FileAccessLog.getDefaultInstance(),
                      HttpConnectionManager.getDefaultInstance(),
                      HttpInspector.getDefaultInstance(),
                      HttpProtocolOptions.getDefaultInstance(),
                      JwtAuthentication.getDefaultInstance(),
                      OriginalDst.getDefaultInstance(),
                      PreviousHostsPredicate.getDefaultInstance(),
                      RawBuffer.getDefaultInstance(),
                      Router.getDefaultInstance(),
                      TcpProxy.getDefaultInstance(),
                      TlsInspector.getDefaultInstance(),
                      UpstreamTlsContext.getDefaultInstance(),
                      SPIFFECertValidatorConfig.getDefaultInstance(),
                      UriTemplateMatchConfig.getDefaultInstance(),
                      io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDefaultInstance(),
                      io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC
                          .getDefaultInstance())
                  .map(Message::getDescriptorForType)
                  .toList())
          .build();

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().usingTypeRegistry(TYPES);

  private EnvoyJson() {}

  /** The JSON of a message; of packed messages whose type Selvage doesn't know, the name. */
  public static String of(Message message) {
    return printed(PRINTER, message);
  }

  /**
   * The same with the fields that have their default value, as Envoy's pages of figures have it.
   */
  public static String ofAllFields(Message message) {
    return printed(PRINTER.includingDefaultValueFields(), message);
  }

  private static String printed(JsonFormat.Printer printer, Message message) {
    try {
      try {
        return printer.print(message);
      } catch (InvalidProtocolBufferException e) {
        return printer.print(new UnknownTypes(TYPES).named(message));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message cannot be printed: " + e.getMessage(), e);
    }
  }
}
