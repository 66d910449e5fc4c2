package io.selvage.xds.server;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.selvage.pki.SpiffeId;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who may look into a control plane: whoever proves an identity that its {@link
 * DebugSource} admits; without TLS, where a server takes clients without, whoever is on the same
 * machine.
 */
final class DebugCaller {
  /** The one who asks may not. */
  static final String CODE = "SLV7308";

  private static final Logger log = LoggerFactory.getLogger(DebugCaller.class);

  private final NodeAuthenticator authenticator;
  private final DebugSource source;

  DebugCaller(NodeAuthenticator authenticator, DebugSource source) {
    this.authenticator = authenticator;
    this.source = source;
  }

  /** Why the caller may not ask; empty when it may. */
  Optional<Status> refusal(NodeAuthenticator.Evidence evidence, Node node) {
    try {
      Optional<SpiffeId> identity = identity(evidence, node);
      if (identity.isPresent()) {
        return source.mayAsk(identity.get())
            ? Optional.empty()
            : refuse(
                evidence,
                Status.PERMISSION_DENIED,
                identity.get() + " may not look into the control plane");
      }
      return evidence.tls().isEmpty() && isOnLoopback(evidence)
          ? Optional.empty()
          : refuse(evidence, Status.UNAUTHENTICATED, "nothing proves who asks");
    } catch (NodeRefusal | IllegalArgumentException e) {
      return refuse(evidence, Status.UNAUTHENTICATED, String.valueOf(e.getMessage()));
    }
  }

  private Optional<SpiffeId> identity(NodeAuthenticator.Evidence evidence, Node node)
      throws NodeRefusal {
    Optional<SpiffeId> certified = evidence.certificateIdentity();
    return certified.isPresent()
        ? certified
        : authenticator.authenticate(evidence, NodeId.of(addressed(node))).spiffeId();
  }

  /** istioctl leaves the address out on a machine that has none for others. */
  private static Node addressed(Node node) {
    return node.toBuilder().setId(node.getId().replaceFirst("^([a-z]+)~~", "$1~0.0.0.0~")).build();
  }

  private static boolean isOnLoopback(NodeAuthenticator.Evidence evidence) {
    return evidence.remote().orElse(null) instanceof InetSocketAddress remote
        && remote.getAddress().isLoopbackAddress();
  }

  private static Optional<Status> refuse(
      NodeAuthenticator.Evidence evidence, Status status, String why) {
    log.warn(
        "{}: refused a look into the control plane to {}: {}",
        CODE,
        evidence.remote().map(Object::toString).orElse("?"),
        why.replaceAll("\\p{Cntrl}", " "));
    return Optional.of(status.withDescription(CODE + ": " + why));
  }
}
