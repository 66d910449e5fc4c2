package io.selvage.xds.admin;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.encode.SecretEncoder;
import io.selvage.xds.resource.XdsResource;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A resource of a configuration dump. No private key is ever in one: what holds key material is
 * written without it.
 *
 * @param version as the control plane named it; empty: not known
 * @param content empty where the resource was refused and there is no former one
 * @param updated since when it is used
 * @param refused why a newer one is not
 */
public record DumpedResource(
    XdsType type,
    String name,
    String version,
    Optional<Any> content,
    Optional<Instant> updated,
    Optional<Refusal> refused) {

  /** A refusal of a resource and when that was. */
  public record Refusal(String detail, Instant at) {}

  private static final DataSource REDACTED = bytes("[redacted]");

  /** A resource as its record says it. */
  public static DumpedResource of(
      XdsResource resource, String version, Optional<Instant> updated, Optional<Refusal> refused) {
    return new DumpedResource(
        XdsType.of(resource),
        resource.name(),
        version,
        Optional.of(content(resource)),
        updated,
        refused);
  }

  /**
   * A resource in its final bytes without what must not be shown: of a secret the private key, its
   * password and whatever else isn't a chain or roots.
   */
  public static Any showable(XdsType type, Any content) {
    if (type != XdsType.SECRET) {
      return content;
    }
    try {
      Secret whole = content.unpack(Secret.class);
      Secret.Builder shown = Secret.newBuilder().setName(whole.getName());
      if (whole.hasTlsCertificate()) {
        shown.setTlsCertificate(
            TlsCertificate.newBuilder()
                .setCertificateChain(whole.getTlsCertificate().getCertificateChain())
                .setPrivateKey(REDACTED));
      }
      if (whole.hasValidationContext()) {
        shown.setValidationContext(whole.getValidationContext());
      }
      return Any.pack(shown.build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a secret that was encoded is broken", e);
    }
  }

  private static Any content(XdsResource resource) {
    return switch (resource) {
      case io.selvage.xds.resource.Secret.Certificate(String name, var held) ->
          Any.pack(
              Secret.newBuilder()
                  .setName(name)
                  .setTlsCertificate(
                      TlsCertificate.newBuilder()
                          .setCertificateChain(bytes(held.chainPem()))
                          .setPrivateKey(REDACTED))
                  .build());
      case io.selvage.xds.resource.Secret.Validation(String name, var roots, var byTrustDomain) ->
          Any.pack(
              Secret.newBuilder()
                  .setName(name)
                  .setValidationContext(validation(roots, byTrustDomain))
                  .build());
      case io.selvage.xds.resource.Cluster _,
          io.selvage.xds.resource.ClusterLoadAssignment _,
          io.selvage.xds.resource.ExtensionConfig _,
          io.selvage.xds.resource.Listener _,
          io.selvage.xds.resource.RouteConfiguration _ ->
          ResourceEncoder.encode(resource);
    };
  }

  /** The roots as bytes: istioctl reads no text here. Without roots nobody is trusted yet. */
  private static CertificateValidationContext validation(
      TrustBundle roots, Map<String, TrustBundle> byTrustDomain) {
    return roots.isEmpty()
        ? CertificateValidationContext.getDefaultInstance()
        : SecretEncoder.validation(roots, byTrustDomain).toBuilder()
            .setTrustedCa(bytes(roots.pem()))
            .build();
  }

  private static DataSource bytes(String text) {
    return DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(text)).build();
  }
}
