package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.model.DestinationRule;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import java.util.List;
import java.util.Optional;

/**
 * Everything that the outbound side of the proxies of a namespace depends on, and nothing else;
 * endpoints come apart.
 *
 * @param namespace whose short names are spelt; empty where nothing has one
 * @param destinations what there are clusters for, sorted by host
 * @param captured those of them, and their ports, to which calls are handed by address or name:
 *     all, unless a Sidecar names ports
 * @param others what becomes of calls to all else
 * @param mesh settings of the mesh
 * @param family of the addresses that the programs of these proxies call
 */
public record OutboundInput(
    String namespace,
    List<Destination> destinations,
    List<Destination> captured,
    OutboundTrafficPolicy others,
    MeshConfig mesh,
    AddressFamily family) {

  /**
   * One service as the clients of the namespace see it.
   *
   * @param service what it is
   * @param rule the DestinationRule that holds for these clients
   * @param identities by port, in the order of the service's ports
   */
  public record Destination(
      MeshService service, Optional<DestinationRule> rule, List<PortIdentities> identities) {

    /** Cheap; the parts are compared. */
    @Override
    public int hashCode() {
      return service.host().hashCode();
    }

    /** Who answers on a port. */
    PortIdentities identities(int port) {
      return identities.stream()
          .filter(candidate -> candidate.port() == port)
          .findFirst()
          .orElse(new PortIdentities(port, List.of(), List.of(), false, false, List.of()));
    }
  }

  /**
   * Who answers on one port, as far as clients must know it beforehand.
   *
   * @param port of the service
   * @param spiffeIds of the endpoints that have an identity, sorted, one for each trust domain
   * @param addresses of the endpoints, sorted; only for headless services, whose names stand for
   *     them
   * @param allMutualTls every endpoint takes mTLS, and there is one
   * @param plaintextAlone no endpoint takes mTLS, and there is one
   * @param byName the endpoints themselves, where they are names that the proxy resolves
   */
  public record PortIdentities(
      int port,
      List<String> spiffeIds,
      List<String> addresses,
      boolean allMutualTls,
      boolean plaintextAlone,
      List<ServiceEndpoint> byName) {}

  /** Cheap; the parts are compared. */
  @Override
  public int hashCode() {
    return namespace.hashCode() * 31 + destinations.size();
  }
}
