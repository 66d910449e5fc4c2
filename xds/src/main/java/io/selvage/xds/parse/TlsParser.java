package io.selvage.xds.parse;

import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.TlsSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Transport sockets: TLS whose certificates and roots come by SDS, or plaintext. */
final class TlsParser {
  private static final String RAW = RawBuffer.getDescriptor().getFullName();

  private TlsParser() {}

  /** What both directions share. */
  private record Common(
      Optional<String> certificate,
      Optional<String> validation,
      List<TlsSettings.SanMatch> names,
      List<String> alpn,
      TlsSettings.Version minimum,
      TlsSettings.Version maximum,
      List<String> ciphers) {}

  static Optional<TlsSettings.Downstream> downstream(TransportSocket from, At at) {
    At config = at.field("typed_config");
    if (isRaw(from, config)) {
      return Optional.empty();
    }
    DownstreamTlsContext context =
        config.unpack(from.getTypedConfig(), DownstreamTlsContext.getDefaultInstance());
    Common common = common(context.getCommonTlsContext(), config.field("common_tls_context"));
    boolean mutual = context.getRequireClientCertificate().getValue();
    if (mutual && common.validation().isEmpty()) {
      config.refuse("asks for a client certificate, but has no roots to verify it against");
    }
    if (common.certificate().isEmpty()) {
      config.refuse("names no certificate to serve");
    }
    return Optional.of(
        new TlsSettings.Downstream(
            common.certificate(),
            common.validation(),
            common.names(),
            common.alpn(),
            common.minimum(),
            common.maximum(),
            common.ciphers(),
            mutual));
  }

  static Optional<TlsSettings.Upstream> upstream(TransportSocket from, At at) {
    At config = at.field("typed_config");
    if (isRaw(from, config)) {
      return Optional.empty();
    }
    UpstreamTlsContext context =
        config.unpack(from.getTypedConfig(), UpstreamTlsContext.getDefaultInstance());
    Common common = common(context.getCommonTlsContext(), config.field("common_tls_context"));
    return Optional.of(
        new TlsSettings.Upstream(
            common.certificate(),
            common.validation(),
            common.names(),
            common.alpn(),
            common.minimum(),
            common.maximum(),
            common.ciphers(),
            context.getSni().isEmpty() ? Optional.empty() : Optional.of(context.getSni())));
  }

  private static boolean isRaw(TransportSocket from, At at) {
    if (!Values.typeName(from.getTypedConfig()).equals(RAW)) {
      return false;
    }
    at.unpack(from.getTypedConfig(), RawBuffer.getDefaultInstance());
    return true;
  }

  private static Common common(CommonTlsContext from, At at) {
    if (from.getTlsCertificateSdsSecretConfigsCount() > 1) {
      at.field("tls_certificate_sds_secret_configs").refuse("names more than one certificate");
    }
    Optional<String> certificate =
        from.getTlsCertificateSdsSecretConfigsList().stream()
            .findFirst()
            .map(secret -> secret.getName());
    TlsParameters params = from.getTlsParams();
    At versions = at.field("tls_params");
    TlsSettings.Version minimum =
        version(
            params.getTlsMinimumProtocolVersion(),
            TlsSettings.Version.TLS_1_2,
            versions.field("tls_minimum_protocol_version"));
    TlsSettings.Version maximum =
        version(
            params.getTlsMaximumProtocolVersion(),
            TlsSettings.Version.TLS_1_3,
            versions.field("tls_maximum_protocol_version"));
    if (minimum.compareTo(maximum) > 0) {
      versions.refuse("has a minimum version above the maximum");
    }
    return new Common(
        certificate,
        validation(from, at),
        names(from, at),
        List.copyOf(from.getAlpnProtocolsList()),
        minimum,
        maximum,
        List.copyOf(params.getCipherSuitesList()));
  }

  private static TlsSettings.Version version(
      TlsParameters.TlsProtocol from, TlsSettings.Version auto, At at) {
    return switch (from) {
      case TLS_AUTO -> auto;
      case TLSv1_2 -> TlsSettings.Version.TLS_1_2;
      case TLSv1_3 -> TlsSettings.Version.TLS_1_3;
      case TLSv1_0, TLSv1_1, UNRECOGNIZED -> {
        at.refuse(from + " is not supported; TLSv1_2 and TLSv1_3 are");
        yield auto;
      }
    };
  }

  private static Optional<String> validation(CommonTlsContext from, At at) {
    return switch (from.getValidationContextTypeCase()) {
      case VALIDATIONCONTEXTTYPE_NOT_SET -> Optional.empty();
      case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
          Optional.of(from.getValidationContextSdsSecretConfig().getName());
      case COMBINED_VALIDATION_CONTEXT ->
          Optional.of(
              from.getCombinedValidationContext().getValidationContextSdsSecretConfig().getName());
      case VALIDATION_CONTEXT,
          VALIDATION_CONTEXT_CERTIFICATE_PROVIDER,
          VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE -> {
        at.refuse(
            from.getValidationContextTypeCase() + " is not understood; roots must come by SDS");
        yield Optional.empty();
      }
    };
  }

  // Istio up to now writes SANs in the deprecated field, which stands for names of any type.
  @SuppressWarnings("deprecation")
  private static List<TlsSettings.SanMatch> names(CommonTlsContext from, At at) {
    CertificateValidationContext context =
        from.getCombinedValidationContext().getDefaultValidationContext();
    At place = at.field("combined_validation_context").field("default_validation_context");
    if (context.hasTrustedCa()) {
      place.field("trusted_ca").refuse("cannot stand beside the roots that come by SDS");
    }
    if (context.hasCustomValidatorConfig()) {
      place.field("custom_validator_config").refuse("is understood in a secret alone");
    }
    verifies(context, place);
    List<TlsSettings.SanMatch> names = new ArrayList<>();
    for (int i = 0; i < context.getMatchTypedSubjectAltNamesCount(); i++) {
      At name = place.item("match_typed_subject_alt_names", i);
      SubjectAltNameMatcher san = context.getMatchTypedSubjectAltNames(i);
      StringMatch match = Values.string(san.getMatcher(), name.field("matcher"));
      names.add(new TlsSettings.SanMatch(type(san, name), match));
    }
    for (int i = 0; i < context.getMatchSubjectAltNamesCount(); i++) {
      StringMatch match =
          Values.string(
              context.getMatchSubjectAltNames(i), place.item("match_subject_alt_names", i));
      for (TlsSettings.SanMatch.Type type : TlsSettings.SanMatch.Type.values()) {
        names.add(new TlsSettings.SanMatch(type, match));
      }
    }
    return List.copyOf(names);
  }

  static void verifies(CertificateValidationContext context, At at) {
    if (context.getTrustChainVerification()
        != CertificateValidationContext.TrustChainVerification.VERIFY_TRUST_CHAIN) {
      at.field("trust_chain_verification").refuse("would accept any certificate");
    }
  }

  private static TlsSettings.SanMatch.Type type(SubjectAltNameMatcher from, At at) {
    return switch (from.getSanType()) {
      case URI -> TlsSettings.SanMatch.Type.URI;
      case DNS -> TlsSettings.SanMatch.Type.DNS;
      case IP_ADDRESS -> TlsSettings.SanMatch.Type.IP_ADDRESS;
      case EMAIL -> TlsSettings.SanMatch.Type.EMAIL;
      case OTHER_NAME, SAN_TYPE_UNSPECIFIED, UNRECOGNIZED -> {
        at.field("san_type").refuse("is not understood: " + from.getSanTypeValue());
        yield TlsSettings.SanMatch.Type.URI;
      }
    };
  }
}
