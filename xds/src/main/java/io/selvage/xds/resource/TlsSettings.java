package io.selvage.xds.resource;

import io.selvage.policy.StringMatch;
import java.util.List;
import java.util.Optional;

/** TLS of one side of a connection; certificates are named and come by SDS. */
public sealed interface TlsSettings {
  /** Secret with the workload's own key and chain. */
  String WORKLOAD_CERTIFICATE = "default";

  /** Secret with the mesh's trust bundle. */
  String TRUST_BUNDLE = "ROOTCA";

  /** Before the path of a file of roots, in the name of a secret that Istio's agent answers for. */
  String FILE_ROOT = "file-root:";

  /** Before the paths of chain and key, {@code ~} between, in the name of such a secret. */
  String FILE_CERTIFICATE = "file-cert:";

  /** Whether a secret of that name is in files beside the proxy, not with the control plane. */
  static boolean isOfFiles(String secret) {
    return secret.startsWith(FILE_ROOT) || secret.startsWith(FILE_CERTIFICATE);
  }

  /**
   * Whether the agent beside the proxy answers for it: no control plane has the key or the file.
   */
  static boolean isOfAgent(String secret) {
    return secret.equals(WORKLOAD_CERTIFICATE) || isOfFiles(secret);
  }

  /** Name of the secret with this side's key and certificate chain, if it presents one. */
  Optional<String> certificateSecret();

  /** Name of the secret with the roots that the peer's chain must lead to. */
  Optional<String> validationSecret();

  /** Any of these must match a SAN of the peer; empty: every SAN that the roots vouch for. */
  List<SanMatch> peerNames();

  /** ALPN protocols, by preference. */
  List<String> alpn();

  /** Lowest version. */
  Version minimum();

  /** Highest version. */
  Version maximum();

  /** TLS 1.2 cipher suites in OpenSSL's names; empty: the library's. */
  List<String> cipherSuites();

  /**
   * The server's side ({@code DownstreamTlsContext}).
   *
   * @param requireClientCertificate true: mutual TLS
   */
  record Downstream(
      Optional<String> certificateSecret,
      Optional<String> validationSecret,
      List<SanMatch> peerNames,
      List<String> alpn,
      Version minimum,
      Version maximum,
      List<String> cipherSuites,
      boolean requireClientCertificate)
      implements TlsSettings {}

  /**
   * The client's side ({@code UpstreamTlsContext}).
   *
   * @param sni server name to send
   */
  record Upstream(
      Optional<String> certificateSecret,
      Optional<String> validationSecret,
      List<SanMatch> peerNames,
      List<String> alpn,
      Version minimum,
      Version maximum,
      List<String> cipherSuites,
      Optional<String> sni)
      implements TlsSettings {}

  /** A TLS version. */
  enum Version {
    /** RFC 5246. */
    TLS_1_2,
    /** RFC 8446. */
    TLS_1_3
  }

  /**
   * A test on one subject alternative name.
   *
   * @param type which kind of name
   * @param match the test on its text
   */
  record SanMatch(Type type, StringMatch match) {
    /** {@code SubjectAltNameMatcher.SanType}. */
    public enum Type {
      /** uniformResourceIdentifier: where SPIFFE ids are. */
      URI,
      /** dNSName. */
      DNS,
      /** iPAddress. */
      IP_ADDRESS,
      /** rfc822Name. */
      EMAIL
    }
  }
}
