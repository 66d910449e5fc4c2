package io.selvage.xds.resource;

import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;

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
   */
  record Validation(String name, TrustBundle roots) implements Secret {}
}
