package io.selvage.cli.pod;

import java.util.List;
import java.util.Optional;

/**
 * Which TCP connections of a Pod go through its sidecar.
 *
 * @param user the sidecar's, whose connections pass
 * @param group the sidecar's
 * @param includeInboundPorts empty: none
 * @param excludeInboundPorts of all
 * @param includeOutboundRanges empty: none
 * @param excludeOutboundRanges of those
 * @param includeOutboundPorts captured to wherever they go
 * @param excludeOutboundPorts never captured
 * @param excludeInterfaces network interfaces that nothing is captured at
 * @param rerouteInterfaces interfaces of virtual machines in the Pod: what arrives there is sent by
 *     the application
 */
public record PodCapture(
    int user,
    int group,
    Optional<Choice<Integer>> includeInboundPorts,
    List<Integer> excludeInboundPorts,
    Optional<Choice<CidrBlock>> includeOutboundRanges,
    List<CidrBlock> excludeOutboundRanges,
    List<Integer> includeOutboundPorts,
    List<Integer> excludeOutboundPorts,
    List<String> excludeInterfaces,
    List<String> rerouteInterfaces) {

  /**
   * All, or some.
   *
   * @param some empty: all
   */
  public record Choice<T>(List<T> some) {
    public Choice {
      some = List.copyOf(some);
    }

    /** Everything. */
    public static <T> Choice<T> all() {
      return new Choice<>(List.of());
    }

    boolean isAll() {
      return some.isEmpty();
    }
  }

  public PodCapture {
    excludeInboundPorts = List.copyOf(excludeInboundPorts);
    excludeOutboundRanges = List.copyOf(excludeOutboundRanges);
    includeOutboundPorts = List.copyOf(includeOutboundPorts);
    excludeOutboundPorts = List.copyOf(excludeOutboundPorts);
    excludeInterfaces = List.copyOf(excludeInterfaces);
    rerouteInterfaces = List.copyOf(rerouteInterfaces);
  }

  /** Whether an application is to be captured that calls itself over loopback. */
  boolean includesLoopback() {
    return includeOutboundRanges.stream()
        .flatMap(choice -> choice.some().stream())
        .anyMatch(CidrBlock::isLoopback);
  }
}
