package io.selvage.control.generate;

import io.selvage.control.workload.InboundPort;
import io.selvage.model.PortProtocol;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Cluster.Discovery;
import io.selvage.xds.resource.Cluster.Limits;
import io.selvage.xds.resource.Cluster.LoadBalancing;
import io.selvage.xds.resource.Cluster.ServiceIdentity;
import io.selvage.xds.resource.Cluster.TransportMatch;
import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ClusterLoadAssignment.Endpoint;
import io.selvage.xds.resource.ClusterLoadAssignment.Locality;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The clusters behind the inbound listeners: the program itself. */
final class InboundClusters {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** Reached in plaintext: inside the workload. */
  static final List<TransportMatch> PLAINTEXT =
      List.of(new TransportMatch("tlsMode-disabled", Map.of(), Optional.empty()));

  private InboundClusters() {}

  /** What they depend on: no policy. */
  record Input(List<InboundPort> ports, Optional<InboundInput.Bound> bound, AddressFamily family) {
    static Input of(InboundInput all) {
      return new Input(all.ports(), all.bound(), all.family());
    }
  }

  static List<Cluster> of(Input input) {
    List<Cluster> clusters = new ArrayList<>();
    for (InboundPort port : input.ports()) {
      clusters.add(
          input
              .bound()
              .map(bound -> local(port, bound))
              .orElseGet(
                  () ->
                      captured(
                          input.family(),
                          Names.inbound(port.number()),
                          protocol(port),
                          Optional.of(port.service()))));
    }
    if (input.bound().isEmpty()) {
      clusters.add(
          captured(
              input.family(),
              Names.INBOUND_PASSTHROUGH_CLUSTER,
              UpstreamProtocol.USE_DOWNSTREAM,
              Optional.empty()));
    }
    return List.copyOf(clusters);
  }

  private static Cluster captured(
      AddressFamily family,
      String name,
      UpstreamProtocol protocol,
      Optional<ServiceIdentity> service) {
    return cluster(
        name,
        new Discovery.OriginalDestination(),
        LoadBalancing.CLUSTER_PROVIDED,
        protocol,
        Optional.of(family.loopbackSource()),
        service);
  }

  private static Cluster local(InboundPort port, InboundInput.Bound bound) {
    String at = bound.apps().getOrDefault(port.number(), "127.0.0.1:" + port.number());
    int colon = at.lastIndexOf(':');
    Endpoint program =
        new Endpoint(
            at.substring(0, colon),
            Integer.parseInt(at.substring(colon + 1)),
            1,
            true,
            Map.of(),
            ClusterLoadAssignment.Workload.UNKNOWN);
    String name = Names.inbound(port.number());
    return cluster(
        name,
        new Discovery.Static(
            new ClusterLoadAssignment(name, List.of(new Locality("", "", 0, 1, List.of(program))))),
        LoadBalancing.LEAST_REQUEST,
        protocol(port),
        Optional.empty(),
        Optional.of(port.service()));
  }

  private static UpstreamProtocol protocol(InboundPort port) {
    return port.protocol() == PortProtocol.HTTP
        ? UpstreamProtocol.HTTP1
        : OutboundClusters.protocol(port.protocol());
  }

  private static Cluster cluster(
      String name,
      Discovery discovery,
      LoadBalancing balancing,
      UpstreamProtocol protocol,
      Optional<String> source,
      Optional<ServiceIdentity> service) {
    return new Cluster(
        name,
        discovery,
        balancing,
        CONNECT_TIMEOUT,
        protocol,
        PLAINTEXT,
        source,
        Limits.NONE,
        service);
  }
}
