package io.selvage.xds.server;

import io.selvage.pki.SpiffeId;
import java.util.Optional;

/**
 * Who a client is: what it says, and what it proved.
 *
 * @param node what it says
 * @param spiffeId the identity that it proved; empty only where the server allows clients that
 *     prove none
 */
public record NodeIdentity(NodeId node, Optional<SpiffeId> spiffeId) {
  /**
   * The identity, if the proven one is the workload that the node id claims: same namespace, and
   * same service account where the node's metadata names one.
   *
   * @throws NodeRefusal when it is another
   */
  public static NodeIdentity proven(NodeId node, SpiffeId proven) throws NodeRefusal {
    if (!proven.namespace().equals(Optional.of(node.namespace()))) {
      throw new NodeRefusal(
          proven + " may not speak for node " + node.text() + ": another namespace");
    }
    String account = node.metadata().get("SERVICE_ACCOUNT");
    if (account != null && !proven.serviceAccount().equals(Optional.of(account))) {
      throw new NodeRefusal(
          proven + " may not speak for node " + node.text() + " of service account " + account);
    }
    return new NodeIdentity(node, Optional.of(proven));
  }
}
