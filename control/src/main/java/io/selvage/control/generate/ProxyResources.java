package io.selvage.control.generate;

import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that one proxy is told. The parts are shared between proxies for which they are equal, and
 * stay the same objects as long as nothing that they depend on changes.
 *
 * @param inbound towards the workload
 * @param httpProxy where the workload's programs use the proxy as an HTTP proxy
 * @param outbound from the workload
 * @param endpoints who answers for the outbound clusters
 * @param endpointsByNode the same for those that clients see by the node on which they are
 * @param roots whom it trusts
 * @param rules where each rule of its policies is written, by rule id
 * @param problems what its policies do that their authors may not expect
 * @param failure why the policies could not be translated; {@code inbound} then denies everything,
 *     unless an earlier good one is kept
 */
public record ProxyResources(
    Inbound inbound,
    Optional<Listener> httpProxy,
    Outbound outbound,
    List<ClusterLoadAssignment> endpoints,
    List<ClusterLoadAssignment> endpointsByNode,
    Secret.Validation roots,
    Map<String, SourceLocation> rules,
    List<Problem> problems,
    Optional<String> failure) {

  /** These resources with an earlier inbound side. */
  public ProxyResources keeping(Inbound earlier) {
    return new ProxyResources(
        earlier, httpProxy, outbound, endpoints, endpointsByNode, roots, rules, problems, failure);
  }

  /** Every listener. */
  public List<Listener> listeners() {
    List<Listener> all = new ArrayList<>(inbound.listeners());
    httpProxy.ifPresent(all::add);
    all.addAll(outbound.listeners());
    return all;
  }

  /** Every cluster. */
  public List<Cluster> clusters() {
    List<Cluster> all = new ArrayList<>(inbound.clusters());
    all.addAll(outbound.clusters());
    return all;
  }

  /** Every route configuration. */
  public List<RouteConfiguration> routes() {
    return outbound.routes();
  }
}
