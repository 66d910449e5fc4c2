package io.selvage.control;

import io.selvage.control.generate.ProxyNode;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.Endpoint;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.WorkloadEntry;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.server.NodeId;
import io.selvage.xds.server.NodeIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which workload a node stands before: labels and account come from the registry, never from it.
 */
final class Nodes {
  /** Metadata that says how connections get to the proxy; {@code NONE}: not captured. */
  private static final String INTERCEPTION = "INTERCEPTION_MODE";

  /** Metadata with the port at which the proxy is to be an HTTP proxy. */
  private static final String HTTP_PROXY_PORT = "HTTP_PROXY_PORT";

  /** Metadata that says {@code grpc} where no proxy asks, but a gRPC client or server itself. */
  private static final String GENERATOR = "GENERATOR";

  /** Metadata that says on which network the proxy is, where its workload does not. */
  private static final String NETWORK = "NETWORK";

  private static final int LAST_PORT = 65_535;

  private Nodes() {}

  /** The proxy; empty when it is no workload of this cluster or proved to be another. */
  static Optional<ProxyNode> of(NodeIdentity identity, Callers workloads, MeshSnapshot snapshot) {
    NodeId node = identity.node();
    return workload(node, workloads, snapshot)
        .filter(workload -> proves(identity, workload))
        .map(
            workload ->
                new ProxyNode(
                    node.text(),
                    kind(node),
                    workload.on(node.metadata().getOrDefault(NETWORK, "")),
                    interception(node),
                    httpProxyPort(node),
                    discoversPolicies(node)));
  }

  /** Whether there is a workload of the node's name, whoever it proved to be. */
  static boolean isTaken(NodeIdentity identity, Callers workloads, MeshSnapshot snapshot) {
    return workload(identity.node(), workloads, snapshot).isPresent();
  }

  private static Optional<WorkloadInstance> workload(
      NodeId node, Callers workloads, MeshSnapshot snapshot) {
    return workloads
        .of(node)
        .or(
            () ->
                snapshot
                    .find(WorkloadEntry.class, node.namespace(), node.name())
                    .map(entry -> instance(entry, node)));
  }

  /** Whether it takes policies apart from its listeners. */
  static boolean discoversPolicies(NodeId node) {
    return node.features().contains(EnvoyNames.DISCOVERS_AUTHORIZATION);
  }

  /** Whether it speaks xDS itself, without a proxy. */
  static boolean isGrpc(NodeIdentity identity) {
    return "grpc".equals(identity.node().metadata().get(GENERATOR));
  }

  static String refusal(NodeIdentity identity) {
    return "%s%s is no proxy of a workload of this cluster; it gets nothing until there is one of its name and account"
        .formatted(
            identity.node().text(),
            identity.spiffeId().map(id -> " with the identity " + id).orElse(""));
  }

  private static boolean proves(NodeIdentity identity, WorkloadInstance workload) {
    return identity
        .spiffeId()
        .map(
            id ->
                id.namespace().equals(Optional.of(workload.namespace()))
                    && id.serviceAccount().equals(Optional.of(workload.serviceAccount())))
        .orElse(true);
  }

  private static WorkloadInstance instance(WorkloadEntry entry, NodeId node) {
    Endpoint endpoint = entry.endpoint();
    return new WorkloadInstance(
        entry.meta().name(),
        entry.meta().namespace(),
        endpoint.serviceAccount().isEmpty() ? "default" : endpoint.serviceAccount(),
        endpoint.labels(),
        node.address().getHostAddress(),
        endpoint.ports(),
        Map.of(),
        node.metadata().getOrDefault("CLUSTER_ID", ""),
        endpoint.locality(),
        Math.max(1, endpoint.weight()),
        true);
  }

  private static ProxyNode.Kind kind(NodeId node) {
    return node.kind().equals("router") ? ProxyNode.Kind.ROUTER : ProxyNode.Kind.SIDECAR;
  }

  private static ProxyNode.Interception interception(NodeId node) {
    return "NONE".equals(node.metadata().get(INTERCEPTION))
        ? ProxyNode.Interception.NONE
        : ProxyNode.Interception.REDIRECT;
  }

  private static OptionalInt httpProxyPort(NodeId node) {
    String written = node.metadata().getOrDefault(HTTP_PROXY_PORT, "");
    if (written.isEmpty() || written.length() > 5 || !written.chars().allMatch(Nodes::isDigit)) {
      return OptionalInt.empty();
    }
    int port = Integer.parseInt(written);
    return port > 0 && port <= LAST_PORT ? OptionalInt.of(port) : OptionalInt.empty();
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
