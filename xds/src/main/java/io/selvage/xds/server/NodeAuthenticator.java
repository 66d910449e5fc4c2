package io.selvage.xds.server;

import io.grpc.Metadata;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.SubjectNames;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Says who a client is, from what its connection and its first request prove. */
@FunctionalInterface
public interface NodeAuthenticator {
  /**
   * What a stream came with.
   *
   * @param headers of the call: a token may be in {@code authorization}
   * @param tls the session; its peer certificates, if any, were verified by the handshake. Empty on
   *     plaintext
   * @param remote the other end
   */
  record Evidence(Metadata headers, Optional<SSLSession> tls, Optional<SocketAddress> remote) {
    /** The SPIFFE ID of the client's verified certificate. */
    public Optional<SpiffeId> certificateIdentity() throws NodeRefusal {
      if (tls.isEmpty()) {
        return Optional.empty();
      }
      try {
        Certificate leaf = tls.get().getPeerCertificates()[0];
        return Optional.of(SubjectNames.of((X509Certificate) leaf).spiffeId());
      } catch (SSLPeerUnverifiedException e) {
        return Optional.empty();
      } catch (PkiException e) {
        throw new NodeRefusal("the client certificate names no workload: " + e.getMessage());
      }
    }
  }

  /**
   * Who the client is.
   *
   * @throws NodeRefusal when nothing proves it
   */
  NodeIdentity authenticate(Evidence evidence, NodeId node) throws NodeRefusal;

  /** By the client certificate alone. */
  static NodeAuthenticator byCertificate() {
    return (evidence, node) ->
        NodeIdentity.proven(
            node,
            evidence
                .certificateIdentity()
                .orElseThrow(() -> new NodeRefusal("no client certificate proves an identity")));
  }

  /** Takes what the node says: for tests, and behind something that authenticates. */
  static NodeAuthenticator trusting() {
    return (_, node) -> new NodeIdentity(node, Optional.empty());
  }
}
