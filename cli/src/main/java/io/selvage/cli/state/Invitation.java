package io.selvage.cli.state;

import java.util.Map;

/**
 * All that a proxy has to know to join a mesh as a certain workload.
 *
 * @param ca {@code HOST:PORT} of the certificate authority
 * @param discovery {@code HOST:PORT} of the control plane
 * @param serverName the DNS name in the certificates of both
 * @param roots by which both are known, PEM
 * @param token proves which workload asks; good for minutes
 * @param nodeId {@code sidecar~ADDRESS~NAME.NAMESPACE~DOMAIN}
 * @param nodeCluster {@code NAME.NAMESPACE}
 * @param metadata what the control plane is told of the workload; {@code CLUSTER_ID} among it
 */
public record Invitation(
    String ca,
    String discovery,
    String serverName,
    String roots,
    String token,
    String nodeId,
    String nodeCluster,
    Map<String, String> metadata) {

  /** Metadata with the id of the workload's cluster, as Istio's agents send it. */
  public static final String CLUSTER_ID = "CLUSTER_ID";

  public Invitation {
    metadata = Map.copyOf(metadata);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Invitation[" + nodeId + ", ca " + ca + ", discovery " + discovery + "]";
  }
}
