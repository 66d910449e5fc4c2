package io.selvage.xds.resource;

import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.util.Map;

/** Key material by name ({@code envoy.extensions.transport_sockets.tls.v3.Secret}). */
public sealed interface Secret extends XdsResource {
  /**
   * A key with its chain ({@code tls_certificate}).
   *
   * @param name {@code default}
   * @param certificate key and chain
   */
  record Certificate(String name, WorkloadCertificate certificate) implements Secret {}

  /**
   * Roots that peers are verified against ({@code validation_context}).
   *
   * @param name {@code ROOTCA}
   * @param roots the trust bundle
   * @param byTrustDomain when not empty, the whole of what is trusted: the bundle of each trust
   *     domain, which vouches for no other ({@code SPIFFECertValidatorConfig})
   */
  record Validation(String name, TrustBundle roots, Map<String, TrustBundle> byTrustDomain)
      implements Secret {
    public Validation {
      byTrustDomain = Map.copyOf(byTrustDomain);
    }

    /** Roots that vouch for any trust domain. */
    public Validation(String name, TrustBundle roots) {
      this(name, roots, Map.of());
    }
  }
}
