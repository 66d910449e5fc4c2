package io.selvage.xds.encode;

import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.Secret;
import java.util.Map;
import java.util.TreeMap;

/** Secrets as SDS resources, PEM inside. The result holds a private key: never log it. */
public final class SecretEncoder {
  private SecretEncoder() {}

  static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret encode(Secret from) {
    var to =
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.newBuilder()
            .setName(from.name());
    switch (from) {
      case Secret.Certificate(String _, var certificate) ->
          to.setTlsCertificate(
              TlsCertificate.newBuilder()
                  .setCertificateChain(Values.text(certificate.chainPem()))
                  .setPrivateKey(Values.text(certificate.privateKeyPem())));
      case Secret.Validation(String name, var roots, var byTrustDomain) -> {
        if (roots.isEmpty()) {
          throw new EncodingException(
              "secret " + name + " holds no root; Envoy would trust anyone");
        }
        to.setValidationContext(validation(roots, byTrustDomain));
      }
    }
    return to.build();
  }

  /** Who does not know the validator has the own roots alone, and refuses the other domains. */
  public static CertificateValidationContext validation(
      TrustBundle roots, Map<String, TrustBundle> byTrustDomain) {
    var to = CertificateValidationContext.newBuilder().setTrustedCa(Values.text(roots.pem()));
    if (byTrustDomain.isEmpty()) {
      return to.build();
    }
    var all = SPIFFECertValidatorConfig.newBuilder();
    new TreeMap<>(byTrustDomain)
        .forEach(
            (domain, bundle) -> {
              if (bundle.isEmpty()) {
                throw new EncodingException("the trust domain " + domain + " has no root");
              }
              all.addTrustDomains(
                  SPIFFECertValidatorConfig.TrustDomain.newBuilder()
                      .setName(domain)
                      .setTrustBundle(Values.text(bundle.pem())));
            });
    return to.setCustomValidatorConfig(
            TypedExtensionConfig.newBuilder()
                .setName(EnvoyNames.SPIFFE_VALIDATOR)
                .setTypedConfig(Packing.pack(all.build())))
        .build();
  }
}
