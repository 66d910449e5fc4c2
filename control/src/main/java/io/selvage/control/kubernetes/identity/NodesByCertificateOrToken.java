package io.selvage.control.kubernetes.identity;

import io.grpc.Metadata;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
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
 * Clients of ADS prove who they are by their certificate, or by a ServiceAccount token as long as
 * they have none.
 *
 * @param tokens who judges them
 */
public record NodesByCertificateOrToken(Authenticator tokens) implements NodeAuthenticator {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public NodeIdentity authenticate(Evidence evidence, NodeId node) throws NodeRefusal {
    Optional<SpiffeId> certified = evidence.certificateIdentity();
    return NodeIdentity.proven(node, certified.isPresent() ? certified.get() : byToken(evidence));
  }

  private SpiffeId byToken(Evidence evidence) throws NodeRefusal {
    if (evidence.tls().isEmpty()) {
      throw new NodeRefusal("a token is only taken over TLS");
    }
    CallerEvidence caller =
        new CallerEvidence(
            Optional.ofNullable(evidence.headers().get(AUTHORIZATION)),
            Optional.empty(),
            List.of(),
            Optional.empty());
    return switch (tokens.authenticate(caller)) {
      case Authenticated known -> known.id();
      case Refused refused ->
          throw new NodeRefusal(
              "neither a client certificate nor a token proves an identity: %s %s"
                  .formatted(refused.code(), refused.reason()));
    };
  }
}
