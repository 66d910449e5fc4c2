package io.selvage.control;

import io.grpc.Metadata;
import io.selvage.ca.CaMethods;
import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.server.NodeAuthenticator;
import io.selvage.xds.server.NodeId;
import io.selvage.xds.server.NodeIdentity;
import io.selvage.xds.server.NodeRefusal;
import java.util.List;
import java.util.Optional;

/**
 * Knows a proxy by its client certificate or, when it shows none, by the token that it would show
 * to the CA, over TLS alone. The second is how Istio's agent connects: it keeps the certificate for
 * the workload's own traffic.
 *
 * @param tokens those that the CA takes
 */
public record CallerAuthenticator(Authenticator tokens) implements NodeAuthenticator {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public NodeIdentity authenticate(Evidence evidence, NodeId node) throws NodeRefusal {
    Optional<SpiffeId> certified = evidence.certificateIdentity();
    return NodeIdentity.proven(
        node, certified.isPresent() ? certified.get() : byToken(evidence, node));
  }

  private SpiffeId byToken(Evidence evidence, NodeId node) throws NodeRefusal {
    String authorization = evidence.headers().get(AUTHORIZATION);
    if (authorization == null) {
      throw new NodeRefusal("neither a client certificate nor a token proves an identity");
    }
    if (evidence.tls().isEmpty()) {
      throw new NodeRefusal("a token is only taken over TLS");
    }
    var shown =
        new CallerEvidence(
            Optional.of(authorization),
            Optional.empty(),
            List.of(),
            cluster(evidence, node),
            Optional.empty());
    return switch (tokens.authenticate(shown)) {
      case Authentication.Authenticated known -> known.id();
      case Authentication.Refused refused ->
          throw new NodeRefusal(
              "the token proves nothing: %s %s".formatted(refused.code(), refused.reason()));
    };
  }

  /** Where its call and its node say it, they must agree: it is judged as one and served as one. */
  private static Optional<String> cluster(Evidence evidence, NodeId node) throws NodeRefusal {
    Optional<String> header = Optional.ofNullable(evidence.headers().get(CaMethods.CLUSTER_ID));
    Optional<String> named = Optional.ofNullable(node.metadata().get("CLUSTER_ID"));
    if (header.isPresent() && named.isPresent() && !header.equals(named)) {
      throw new NodeRefusal("the node and its call's metadata name different clusters");
    }
    return named.or(() -> header);
  }
}
