package io.selvage.xds.encode;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.selvage.xds.resource.Secret;

/** Secrets as SDS resources, PEM inside. The result holds a private key: never log it. */
final class SecretEncoder {
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
      case Secret.Validation(String name, var roots) -> {
        if (roots.isEmpty()) {
          throw new EncodingException(
              "secret " + name + " holds no root; Envoy would trust anyone");
        }
        to.setValidationContext(
            CertificateValidationContext.newBuilder().setTrustedCa(Values.text(roots.pem())));
      }
    }
    return to.build();
  }
}
