package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.inject.ProxyDefaults;
import io.selvage.control.kubernetes.inject.SidecarResources;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What an installation says of all its sidecars: Istio's {@code global.proxy}. */
final class ProxyOptions {
  @Option(
      names = "--sidecar-exclude-outbound-ports",
      paramLabel = "PORTS",
      description = "Destination ports, with commas between, that are not captured.")
  private Optional<String> excludeOutboundPorts = Optional.empty();

  @Option(
      names = "--sidecar-exclude-inbound-ports",
      paramLabel = "PORTS",
      description = "Ports of the application that are not captured.")
  private Optional<String> excludeInboundPorts = Optional.empty();

  @Option(
      names = "--sidecar-exclude-ip-ranges",
      paramLabel = "CIDRS",
      description = "Destinations, with commas between, that are not captured.")
  private Optional<String> excludeRanges = Optional.empty();

  @Option(
      names = "--sidecar-include-ip-ranges",
      paramLabel = "CIDRS",
      description = "Destinations that are captured, and no others (default: all, *).")
  private Optional<String> includeRanges = Optional.empty();

  @Option(
      names = "--sidecar-log-level",
      paramLabel = "LEVEL",
      description = "trace, debug, info, warning or error (default: info).")
  private Optional<String> logLevel = Optional.empty();

  @Option(
      names = "--sidecar-cpu-request",
      paramLabel = "CORES",
      description = "Default 100m, or the limit where that is less; none: without.")
  private Optional<String> cpuRequest = Optional.empty();

  @Option(
      names = "--sidecar-memory-request",
      paramLabel = "BYTES",
      description = "Default 192Mi, or the limit where that is less; none: without.")
  private Optional<String> memoryRequest = Optional.empty();

  @Option(
      names = "--sidecar-cpu-limit",
      paramLabel = "CORES",
      description = "Default 2, or the request where that is more; none: without.")
  private Optional<String> cpuLimit = Optional.empty();

  @Option(
      names = "--sidecar-memory-limit",
      paramLabel = "BYTES",
      description =
          "Default 1Gi, or the request where that is more; below 256Mi is warned of; none: without.")
  private Optional<String> memoryLimit = Optional.empty();

  /**
   * What was chosen.
   *
   * @throws UserError naming the option that makes no sense
   */
  ProxyDefaults defaults() {
    try {
      return new ProxyDefaults(
          includeRanges,
          excludeRanges,
          excludeInboundPorts,
          excludeOutboundPorts,
          logLevel,
          SidecarResources.chosen(cpuRequest, memoryRequest, cpuLimit, memoryLimit));
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }
}
