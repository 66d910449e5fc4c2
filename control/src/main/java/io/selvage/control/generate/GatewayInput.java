package io.selvage.control.generate;

import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.model.MeshConfig;
import java.util.List;

/**
 * Everything that a gateway's listeners and clusters depend on; endpoints come apart.
 *
 * @param address where it listens: any address of the proxy's own kind
 * @param exposures by port, sorted
 * @param mesh settings of the mesh
 */
record GatewayInput(String address, List<Exposure> exposures, MeshConfig mesh) {
  /**
   * What is reached at one port.
   *
   * @param port of the proxy, 1..65535
   * @param destinations sorted by host
   */
  record Exposure(int port, List<Destination> destinations) {}

  /** Cheap; the parts are compared. */
  @Override
  public int hashCode() {
    return exposures.stream().mapToInt(e -> e.port() * 31 + e.destinations().size()).sum();
  }
}
