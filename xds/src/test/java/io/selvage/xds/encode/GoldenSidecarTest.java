package io.selvage.xds.encode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.selvage.policy.Authorization;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.resource.XdsResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one sidecar is told, word for word. {@code make golden} accepts a change. */
class GoldenSidecarTest {
  private static final Path GOLDEN = Path.of("src/test/golden/sidecar.json");
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(
              io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3
                  .HttpConnectionManager.getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz.getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
                  .getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.http.router.v3.Router.getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
                  .getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst
                  .getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                  .getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                  .getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer
                  .getDescriptor())
          .add(io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig
                  .getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate
                  .getDescriptor())
          .add(io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog.getDescriptor())
          .build();

  @Test
  void aSidecarsWholeConfigurationReadsAsBefore() throws IOException {
    List<XdsResource> resources = new ArrayList<>(Sidecar.resources());
    List<Authorization.Stage> stages =
        List.of(Sidecar.custom(), Sidecar.deny(), Sidecar.allow("/headers"));
    resources.set(0, Sidecar.inbound(stages));
    StringBuilder text = new StringBuilder();
    JsonFormat.Printer printer =
        JsonFormat.printer().usingTypeRegistry(TYPES).preservingProtoFieldNames().sortingMapKeys();
    for (XdsResource resource : resources) {
      Message message = ResourceEncoder.message(resource);
      text.append("// ").append(XdsType.of(resource)).append(' ').append(resource.name());
      text.append('\n').append(printer.print(message)).append('\n');
    }
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(GOLDEN, text);
    }
    assertThat(text.toString()).isEqualTo(Files.readString(GOLDEN));
  }
}
