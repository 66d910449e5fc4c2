package io.selvage.control.generate;

import io.selvage.model.MeshConfig;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.NetworkStack.Codec;
import io.selvage.xds.resource.NetworkStack.ForwardedClientCert;
import io.selvage.xds.resource.NetworkStack.ForwardedClientCert.Mode;
import io.selvage.xds.resource.NetworkStack.HttpLimits;
import io.selvage.xds.resource.NetworkStack.PathNormalization;
import io.selvage.xds.resource.NetworkStack.RouteSource;
import java.util.List;
import java.util.Optional;

/** Connection managers as istiod configures them, and what MeshConfig says about them. */
final class HttpStacks {
  /** What Istio's proxies call themselves in {@code server}. */
  private static final String SERVER = "istio-envoy";

  /** WebSockets and gRPC streams may be silent; Istio sends {@code stream_idle_timeout: 0s}. */
  private static final HttpLimits LIMITS = HttpLimits.DEFAULT.withPatientStreams();

  private HttpStacks() {}

  static NetworkStack.Http inbound(
      MeshConfig mesh, String statPrefix, List<HttpFilter> filters, RouteSource routes) {
    return stack(mesh, statPrefix, filters, routes, forwardedClientCert(mesh));
  }

  static NetworkStack.Http outbound(MeshConfig mesh, String statPrefix, RouteSource routes) {
    return stack(mesh, statPrefix, List.of(), routes, ForwardedClientCert.SANITIZE);
  }

  private static NetworkStack.Http stack(
      MeshConfig mesh,
      String statPrefix,
      List<HttpFilter> filters,
      RouteSource routes,
      ForwardedClientCert forwardedClientCert) {
    return new NetworkStack.Http(
        statPrefix,
        Codec.AUTO,
        filters,
        routes,
        pathNormalization(mesh),
        forwardedClientCert,
        LIMITS,
        true,
        0,
        false,
        mesh.proxyHeaders().server().orElse(SERVER),
        accessLog(mesh));
  }

  static Optional<AccessLog> accessLog(MeshConfig mesh) {
    MeshConfig.AccessLog log = mesh.accessLog();
    if (log.file().isEmpty()) {
      return Optional.empty();
    }
    AccessLog.Encoding encoding =
        switch (log.encoding()) {
          case TEXT -> AccessLog.Encoding.TEXT;
          case JSON -> AccessLog.Encoding.JSON;
        };
    return Optional.of(new AccessLog(log.file(), encoding, log.format()));
  }

  private static PathNormalization pathNormalization(MeshConfig mesh) {
    return switch (mesh.pathNormalization()) {
      case NONE -> PathNormalization.NONE;
      case BASE -> PathNormalization.BASE;
      case MERGE_SLASHES -> PathNormalization.MERGE_SLASHES;
      case DECODE_AND_MERGE_SLASHES -> PathNormalization.DECODE_AND_MERGE_SLASHES;
    };
  }

  private static ForwardedClientCert forwardedClientCert(MeshConfig mesh) {
    Mode mode =
        switch (mesh.proxyHeaders().forwardedClientCert()) {
          case SANITIZE -> Mode.SANITIZE;
          case FORWARD_ONLY -> Mode.FORWARD_ONLY;
          case APPEND_FORWARD -> Mode.APPEND_FORWARD;
          case SANITIZE_SET -> Mode.SANITIZE_SET;
          case ALWAYS_FORWARD_ONLY -> Mode.ALWAYS_FORWARD_ONLY;
        };
    MeshConfig.ClientCertDetails details = mesh.proxyHeaders().clientCertDetails();
    return new ForwardedClientCert(
        mode, details.subject(), details.uri(), details.dns(), details.cert(), details.chain());
  }
}
