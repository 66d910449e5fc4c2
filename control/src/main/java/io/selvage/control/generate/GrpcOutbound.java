package io.selvage.control.generate;

import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.generate.OutboundInput.PortIdentities;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.Resolution;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.policy.StringMatch;
import io.selvage.xds.grpc.GrpcResource.ApiListener;
import io.selvage.xds.grpc.GrpcResource.Discovery;
import io.selvage.xds.grpc.GrpcResource.ServiceCluster;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.RouteConfiguration.VirtualHost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The clients' side of the workloads of a namespace that speak xDS themselves: for each port of
 * each service a listener by each of its names, one route configuration and one cluster.
 *
 * <p>gRPC knows one transport for all endpoints of a cluster, so auto mTLS decides for the service:
 * as soon as one endpoint takes mTLS, plaintext is not spoken to any.
 *
 * @param listeners {@code host:port}
 * @param routes everything to the cluster
 * @param clusters their endpoints by EDS
 * @param unsaid by {@code host:port}, why gRPC clients cannot call it, or not all of it
 */
public record GrpcOutbound(
    List<ApiListener> listeners,
    List<RouteConfiguration> routes,
    List<ServiceCluster> clusters,
    Map<String, String> unsaid) {

  static GrpcOutbound of(OutboundInput input) {
    var building = new Building(input);
    input.destinations().forEach(building::add);
    return new GrpcOutbound(
        List.copyOf(building.listeners),
        List.copyOf(building.routes),
        List.copyOf(building.clusters),
        building.unsaid);
  }

  /** Collects what each destination gives. */
  private static final class Building {
    private final OutboundInput input;
    private final List<ApiListener> listeners = new ArrayList<>();
    private final List<RouteConfiguration> routes = new ArrayList<>();
    private final List<ServiceCluster> clusters = new ArrayList<>();
    private final Map<String, String> unsaid = new LinkedHashMap<>();

    Building(OutboundInput input) {
      this.input = input;
    }

    void add(Destination destination) {
      for (ServicePort port : destination.service().ports()) {
        String dialled = destination.service().host() + ":" + port.number();
        try {
          add(destination, port);
        } catch (Unsayable e) {
          unsaid.put(dialled, String.valueOf(e.getMessage()));
        }
      }
    }

    private void add(Destination destination, ServicePort port) throws Unsayable {
      MeshService service = destination.service();
      String name = Names.outbound(port.number(), "", service.host());
      Optional<TrafficPolicy> policy =
          destination.rule().flatMap(rule -> rule.trafficPolicyFor(port.number()));
      clusters.add(
          new ServiceCluster(
              name,
              discovery(destination, port, name),
              OutboundClusters.limits(policy.flatMap(TrafficPolicy::connectionPool)).maxRequests(),
              serverNames(destination, port, policy.flatMap(TrafficPolicy::tls))));
      routes.add(
          new RouteConfiguration(
              name,
              List.of(
                  new VirtualHost(
                      service.host() + ":" + port.number(),
                      List.of("*"),
                      List.of(Routes.toCluster(name, Optional.of(Routes.DEFAULT_RETRY))))),
              false));
      for (String spelling : ServiceRegistry.spellings(service, input.namespace())) {
        listeners.add(new ApiListener(spelling + ":" + port.number(), name));
      }
    }

    private static Discovery discovery(Destination destination, ServicePort port, String name)
        throws Unsayable {
      Resolution resolution = destination.service().resolution();
      return switch (resolution) {
        case STATIC -> new Discovery.Eds(name);
        case DNS -> dns(destination.identities(port.number()).byName());
        case PASSTHROUGH ->
            throw new Unsayable("it is reached where a client dials, and gRPC dials names");
      };
    }

    private static Discovery dns(List<ServiceEndpoint> endpoints) throws Unsayable {
      if (endpoints.size() != 1) {
        throw new Unsayable("gRPC resolves one name for a service, and it has several or none");
      }
      return new Discovery.Dns(endpoints.getFirst().address(), endpoints.getFirst().port());
    }

    private Optional<List<StringMatch>> serverNames(
        Destination destination, ServicePort port, Optional<ClientTls> written) throws Unsayable {
      PortIdentities identities = destination.identities(port.number());
      if (written.isPresent()) {
        return switch (written.get().mode()) {
          case DISABLE -> Optional.empty();
          case ISTIO_MUTUAL ->
              Optional.of(
                  names(destination, identities, written.get().subjectAltNames(), input.mesh()));
          case SIMPLE, MUTUAL ->
              throw new Unsayable(
                  "its DestinationRule asks for TLS with other files than the mesh's identity");
        };
      }
      boolean plaintext =
          destination.service().meshExternal()
              || !input.mesh().enableAutoMtls()
              || identities.plaintextAlone();
      return plaintext
          ? Optional.empty()
          : Optional.of(names(destination, identities, List.of(), input.mesh()));
    }

    private static List<StringMatch> names(
        Destination destination, PortIdentities identities, List<String> written, MeshConfig mesh) {
      Collection<String> names =
          OutboundClusters.serverNames(destination.service(), identities, written);
      return names.isEmpty()
          ? mesh.trustDomains().stream()
              .<StringMatch>map(domain -> new StringMatch.Prefix("spiffe://" + domain + "/", false))
              .toList()
          : names.stream().<StringMatch>map(name -> new StringMatch.Exact(name, false)).toList();
    }
  }

  /** gRPC has no form for it. */
  private static final class Unsayable extends Exception {
    private static final long serialVersionUID = 1;

    Unsayable(String message) {
      super(message);
    }
  }
}
