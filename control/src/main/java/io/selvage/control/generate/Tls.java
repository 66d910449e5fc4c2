package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.MeshConfig;
import io.selvage.model.PortProtocol;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.TlsSettings;
import io.selvage.xds.resource.TlsSettings.Downstream;
import io.selvage.xds.resource.TlsSettings.SanMatch;
import io.selvage.xds.resource.TlsSettings.Upstream;
import io.selvage.xds.resource.TlsSettings.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** TLS settings as istiod writes them. */
final class Tls {
  /** Istio's cipher suites for TLS 1.2 inside the mesh. */
  private static final List<String> CIPHERS =
      List.of(
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-AES128-GCM-SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256",
          "AES256-GCM-SHA384",
          "AES128-GCM-SHA256");

  /** What inbound chains say that they speak, behind mTLS. */
  private static final List<String> ALPN_HTTP = List.of("h2", "http/1.1");

  private static final List<String> ALPN_TCP = List.of("istio-peer-exchange", "h2", "http/1.1");

  private Tls() {}

  /** The server's side of mTLS: a client certificate of one of the mesh's trust domains. */
  static Downstream inbound(MeshConfig mesh, boolean http) {
    List<SanMatch> trustDomains = mesh.trustDomains().stream().map(Tls::anyOfTrustDomain).toList();
    return new Downstream(
        Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
        Optional.of(TlsSettings.TRUST_BUNDLE),
        trustDomains,
        http ? ALPN_HTTP : ALPN_TCP,
        minimum(mesh),
        Version.TLS_1_3,
        CIPHERS,
        true);
  }

  /**
   * The client's side of mTLS.
   *
   * @param names SPIFFE ids that the server may have; none: any of the mesh's trust domains
   */
  static Upstream mesh(
      MeshConfig mesh, PortProtocol protocol, Collection<String> names, String serverName) {
    List<SanMatch> servers = names.stream().map(Tls::san).toList();
    return new Upstream(
        Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
        Optional.of(TlsSettings.TRUST_BUNDLE),
        servers.isEmpty()
            ? mesh.trustDomains().stream().map(Tls::anyOfTrustDomain).toList()
            : servers,
        meshAlpn(protocol),
        minimum(mesh),
        Version.TLS_1_3,
        CIPHERS,
        Optional.of(serverName));
  }

  /**
   * TLS to a server that a DestinationRule describes by its own files: SIMPLE, or MUTUAL with a
   * certificate of one's own. The secrets are named as Istio's agent names files; without CA
   * certificates the machine's own roots count; without names those of an external service's
   * ServiceEntry are demanded, and without these the host's.
   */
  static Upstream originated(
      ClientTls tls, boolean mutual, PortProtocol protocol, MeshService service, Version minimum) {
    String host = service.host();
    Optional<String> serverName = tls.sni().or(() -> concrete(host));
    List<SanMatch> names = new ArrayList<>();
    tls.subjectAltNames().forEach(name -> names.add(san(name)));
    if (names.isEmpty() && service.meshExternal()) {
      service.subjectAltNames().forEach(name -> names.add(san(name)));
    }
    if (names.isEmpty()) {
      names.add(serverName.map(Tls::san).orElseGet(() -> below(host)));
    }
    boolean unchecked = tls.insecureSkipVerify().orElse(false);
    return new Upstream(
        mutual ? Optional.of(ownCertificate(tls)) : Optional.empty(),
        unchecked ? Optional.empty() : Optional.of(trusted(tls)),
        unchecked ? List.of() : names,
        originatedAlpn(protocol),
        minimum,
        Version.TLS_1_3,
        List.of(),
        serverName);
  }

  static Version minimum(MeshConfig mesh) {
    return switch (mesh.minProtocolVersion()) {
      case TLSV1_2 -> Version.TLS_1_2;
      case TLSV1_3 -> Version.TLS_1_3;
    };
  }

  /** A name of a certificate: a SPIFFE id is a URI, everything else a DNS name. */
  private static SanMatch san(String name) {
    return new SanMatch(
        name.startsWith("spiffe://") ? SanMatch.Type.URI : SanMatch.Type.DNS,
        new StringMatch.Exact(name, false));
  }

  private static SanMatch anyOfTrustDomain(String trustDomain) {
    return new SanMatch(
        SanMatch.Type.URI, new StringMatch.Prefix("spiffe://" + trustDomain + "/", false));
  }

  private static SanMatch below(String wildcardHost) {
    return new SanMatch(
        SanMatch.Type.DNS, new StringMatch.Suffix(wildcardHost.substring(1), false));
  }

  private static Optional<String> concrete(String host) {
    return host.startsWith("*") ? Optional.empty() : Optional.of(host);
  }

  private static String ownCertificate(ClientTls tls) {
    return tls.credentialName()
        .map(name -> "kubernetes://" + name)
        .orElseGet(
            () ->
                TlsSettings.FILE_CERTIFICATE
                    + tls.clientCertificate().orElse("")
                    + "~"
                    + tls.privateKey().orElse(""));
  }

  private static String trusted(ClientTls tls) {
    return tls.credentialName()
        .map(name -> "kubernetes://" + name + "-cacert")
        .or(() -> tls.caCertificates().map(file -> TlsSettings.FILE_ROOT + file))
        .orElse(TlsSettings.FILE_ROOT + "system");
  }

  private static List<String> meshAlpn(PortProtocol protocol) {
    return switch (protocol) {
      case HTTP -> List.of("istio-http/1.1", "istio", "http/1.1");
      case HTTP2, GRPC, GRPC_WEB -> List.of("istio-h2", "istio", "h2");
      case HTTPS, TLS, TCP, UDP, UNSPECIFIED -> List.of("istio-peer-exchange", "istio");
    };
  }

  private static List<String> originatedAlpn(PortProtocol protocol) {
    return switch (protocol) {
      case HTTP -> List.of("http/1.1");
      case HTTP2, GRPC, GRPC_WEB -> List.of("h2");
      case HTTPS, TLS, TCP, UDP, UNSPECIFIED -> List.of();
    };
  }
}
