package io.selvage.prove;

import io.selvage.model.PortProtocol;
import java.util.Optional;

/**
 * A port of a workload that a service declares.
 *
 * @param name the service's for it; may be empty
 * @param number the workload's own, 1..65535
 * @param protocol what the service says that it speaks: HTTP, TCP, or {@link
 *     PortProtocol#UNSPECIFIED}, where both are found by their first bytes
 * @param host the service's name that clients call; empty when there is none
 * @param servicePort the port that clients call at {@code host}; equal to {@code number} without
 *     one
 */
public record Port(
    String name, int number, PortProtocol protocol, Optional<String> host, int servicePort) {
  public Port {
    if (number < 1 || number > 65_535) {
      throw new IllegalArgumentException("no port: " + number);
    }
  }
}
