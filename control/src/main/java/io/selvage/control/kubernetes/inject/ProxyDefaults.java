package io.selvage.control.kubernetes.inject;

import java.util.Optional;
import java.util.function.Function;

/**
 * What an installation says of all its sidecars where a Pod's annotations say nothing: what Istio
 * has as {@code global.proxy}. Empty: what the sidecar does of itself.
 *
 * @param includeRanges destinations that are captured, CIDR blocks or {@code *}
 * @param excludeRanges destinations that are not
 * @param excludeInboundPorts ports of the application that are not captured
 * @param excludeOutboundPorts destination ports that are not
 * @param logLevel as {@code selvage proxy --log-level} takes it
 * @param resources of both containers
 */
public record ProxyDefaults(
    Optional<String> includeRanges,
    Optional<String> excludeRanges,
    Optional<String> excludeInboundPorts,
    Optional<String> excludeOutboundPorts,
    Optional<String> logLevel,
    SidecarResources resources) {
  /** Where nothing is said. */
  public static final ProxyDefaults STANDARD =
      new ProxyDefaults(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          SidecarResources.STANDARD);

  /**
   * In the form that {@code selvage capture} takes.
   *
   * @throws IllegalArgumentException saying which value cannot be, by the name of its option
   */
  public ProxyDefaults {
    includeRanges =
        read("include-ip-ranges", includeRanges, text -> AnnotationReader.rangesOf(text, true));
    excludeRanges =
        read("exclude-ip-ranges", excludeRanges, text -> AnnotationReader.rangesOf(text, false));
    excludeInboundPorts =
        read("exclude-inbound-ports", excludeInboundPorts, AnnotationReader::portsOf);
    excludeOutboundPorts =
        read("exclude-outbound-ports", excludeOutboundPorts, AnnotationReader::portsOf);
    logLevel = read("log-level", logLevel, SidecarOptions::levelOf);
  }

  private static Optional<String> read(
      String name, Optional<String> text, Function<String, String> reading) {
    try {
      return text.map(reading);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--sidecar-" + name + ": " + e.getMessage(), e);
    }
  }
}
