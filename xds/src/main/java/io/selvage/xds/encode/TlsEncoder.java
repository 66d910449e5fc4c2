package io.selvage.xds.encode;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.TlsSettings;
import java.util.Optional;

/**
 * TLS settings as transport sockets. The trust bundle comes by SDS over the same stream; keys and
 * files, which a control plane does not have, by SDS from the agent beside the proxy.
 */
final class TlsEncoder {
  private static final TransportSocket RAW =
      socket(EnvoyNames.RAW_BUFFER, RawBuffer.getDefaultInstance());

  private TlsEncoder() {}

  static TransportSocket downstream(TlsSettings.Downstream from) {
    return socket(
        EnvoyNames.TLS,
        DownstreamTlsContext.newBuilder()
            .setCommonTlsContext(common(from))
            .setRequireClientCertificate(Values.bool(from.requireClientCertificate()))
            .build());
  }

  static TransportSocket upstream(Optional<TlsSettings.Upstream> from) {
    return from.map(TlsEncoder::upstream).orElse(RAW);
  }

  private static TransportSocket upstream(TlsSettings.Upstream from) {
    UpstreamTlsContext.Builder to =
        UpstreamTlsContext.newBuilder().setCommonTlsContext(common(from));
    from.sni().ifPresent(to::setSni);
    return socket(EnvoyNames.TLS, to.build());
  }

  private static TransportSocket socket(String name, Message config) {
    return TransportSocket.newBuilder().setName(name).setTypedConfig(Packing.pack(config)).build();
  }

  private static CommonTlsContext common(TlsSettings from) {
    CommonTlsContext.Builder to =
        CommonTlsContext.newBuilder()
            .addAllAlpnProtocols(from.alpn())
            .setTlsParams(
                TlsParameters.newBuilder()
                    .setTlsMinimumProtocolVersion(version(from.minimum()))
                    .setTlsMaximumProtocolVersion(version(from.maximum()))
                    .addAllCipherSuites(from.cipherSuites()));
    from.certificateSecret().ifPresent(name -> to.addTlsCertificateSdsSecretConfigs(secret(name)));
    if (from.validationSecret().isEmpty()) {
      if (!from.peerNames().isEmpty()) {
        throw new EncodingException(
            "names of a peer are checked, but not its chain: no validation secret");
      }
      return to.build();
    }
    SdsSecretConfig roots = secret(from.validationSecret().get());
    if (from.peerNames().isEmpty()) {
      return to.setValidationContextSdsSecretConfig(roots).build();
    }
    return to.setCombinedValidationContext(
            CommonTlsContext.CombinedCertificateValidationContext.newBuilder()
                .setDefaultValidationContext(names(from))
                .setValidationContextSdsSecretConfig(roots))
        .build();
  }

  private static CertificateValidationContext names(TlsSettings from) {
    CertificateValidationContext.Builder to = CertificateValidationContext.newBuilder();
    for (TlsSettings.SanMatch name : from.peerNames()) {
      to.addMatchTypedSubjectAltNames(
          SubjectAltNameMatcher.newBuilder()
              .setSanType(type(name.type()))
              .setMatcher(Values.string(name.match())));
    }
    return to.build();
  }

  private static SubjectAltNameMatcher.SanType type(TlsSettings.SanMatch.Type type) {
    return switch (type) {
      case URI -> SubjectAltNameMatcher.SanType.URI;
      case DNS -> SubjectAltNameMatcher.SanType.DNS;
      case IP_ADDRESS -> SubjectAltNameMatcher.SanType.IP_ADDRESS;
      case EMAIL -> SubjectAltNameMatcher.SanType.EMAIL;
    };
  }

  private static TlsParameters.TlsProtocol version(TlsSettings.Version version) {
    return switch (version) {
      case TLS_1_2 -> TlsParameters.TlsProtocol.TLSv1_2;
      case TLS_1_3 -> TlsParameters.TlsProtocol.TLSv1_3;
    };
  }

  private static SdsSecretConfig secret(String name) {
    return SdsSecretConfig.newBuilder()
        .setName(name)
        .setSdsConfig(TlsSettings.isOfAgent(name) ? Values.AGENT : Values.ADS)
        .build();
  }
}
