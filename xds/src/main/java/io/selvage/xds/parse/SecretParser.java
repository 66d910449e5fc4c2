package io.selvage.xds.parse;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.resource.Secret;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** SDS resources. Nothing of what they hold gets into a problem's text. */
final class SecretParser {
  private SecretParser() {}

  /** The secret, or null when it can't be used; the reason is said. */
  static @Nullable Secret parse(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret from, At at) {
    try {
      return switch (from.getTypeCase()) {
        case TLS_CERTIFICATE -> {
          At pair = at.field("tls_certificate");
          yield new Secret.Certificate(
              from.getName(),
              WorkloadCertificate.parse(
                  Values.text(
                      from.getTlsCertificate().getCertificateChain(),
                      pair.field("certificate_chain")),
                  Values.text(
                      from.getTlsCertificate().getPrivateKey(), pair.field("private_key"))));
        }
        case VALIDATION_CONTEXT -> {
          At context = at.field("validation_context");
          TlsParser.verifies(from.getValidationContext(), context);
          yield new Secret.Validation(
              from.getName(),
              TrustBundle.parse(
                  Values.text(
                      from.getValidationContext().getTrustedCa(), context.field("trusted_ca"))),
              byTrustDomain(from.getValidationContext(), context));
        }
        case SESSION_TICKET_KEYS, GENERIC_SECRET, TYPE_NOT_SET -> {
          at.refuse(from.getTypeCase() + " is no kind of secret that is understood");
          yield null;
        }
      };
    } catch (PkiException e) {
      at.refuse(At.quote(String.valueOf(e.getMessage())));
      return null;
    }
  }

  private static Map<String, TrustBundle> byTrustDomain(CertificateValidationContext context, At at)
      throws PkiException {
    if (!context.hasCustomValidatorConfig()) {
      return Map.of();
    }
    At place = at.field("custom_validator_config").field("typed_config");
    SPIFFECertValidatorConfig all =
        place.unpack(
            context.getCustomValidatorConfig().getTypedConfig(),
            SPIFFECertValidatorConfig.getDefaultInstance());
    Map<String, TrustBundle> bundles = new HashMap<>();
    for (int i = 0; i < all.getTrustDomainsCount(); i++) {
      var one = all.getTrustDomains(i);
      At entry = place.item("trust_domains", i);
      TrustBundle bundle =
          TrustBundle.parse(Values.text(one.getTrustBundle(), entry.field("trust_bundle")));
      if (bundles.put(one.getName(), bundle) != null) {
        entry.field("name").refuse("is given twice");
      }
    }
    if (bundles.isEmpty()) {
      place.field("trust_domains").refuse("is empty: nobody would be trusted");
    }
    return bundles;
  }
}
