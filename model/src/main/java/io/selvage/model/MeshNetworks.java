package io.selvage.model;

import java.util.List;
import java.util.Map;

/**
 * The networks of a mesh by name, as far as they are written down ({@code
 * istio.mesh.v1alpha1.MeshNetworks}, key {@code meshNetworks} of the ConfigMap {@code istio}).
 * Labels {@code topology.istio.io/network} say the same without it.
 */
public record MeshNetworks(Map<String, Network> networks) {
  /** Nothing is written down. */
  public static final MeshNetworks NONE = new MeshNetworks(Map.of());

  public MeshNetworks {
    networks = Frozen.copy(networks);
  }

  /**
   * One network.
   *
   * @param cidrs blocks of addresses that are in it
   * @param registries ids of clusters whose workloads are in it
   * @param gateways by which the others reach it
   */
  public record Network(List<String> cidrs, List<String> registries, List<Gateway> gateways) {
    public Network {
      cidrs = List.copyOf(cidrs);
      registries = List.copyOf(registries);
      gateways = List.copyOf(gateways);
    }
  }

  /**
   * A gateway, by its address or by the service that it is.
   *
   * @param address IP address or DNS name; empty: by {@code service}
   * @param service full host of a service of one of the network's registries
   * @param port 1..65535; of the service, where it is given by one
   */
  public record Gateway(String address, String service, int port) {}
}
