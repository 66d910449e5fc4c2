package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.inject.ProxyDefaults;
import io.selvage.control.kubernetes.inject.SidecarResources;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What an installation says of all its sidecars: Istio's {@code global.proxy}. */
final class ProxyOptions {
  /** In place of a quantity. */
  private static final String WITHOUT = "none";

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
      description = "Default ${DEFAULT-VALUE}; none: without.")
  private String cpuRequest = standard(SidecarResources.STANDARD.cpuRequest());

  @Option(
      names = "--sidecar-memory-request",
      paramLabel = "BYTES",
      description = "Default ${DEFAULT-VALUE}; none: without.")
  private String memoryRequest = standard(SidecarResources.STANDARD.memoryRequest());

  @Option(
      names = "--sidecar-cpu-limit",
      paramLabel = "CORES",
      description = "Default ${DEFAULT-VALUE}; none: without.")
  private String cpuLimit = standard(SidecarResources.STANDARD.cpuLimit());

  @Option(
      names = "--sidecar-memory-limit",
      paramLabel = "BYTES",
      description = "Default ${DEFAULT-VALUE}, at least 256Mi; none: without.")
  private String memoryLimit = standard(SidecarResources.STANDARD.memoryLimit());

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
          new SidecarResources(
              quantity(cpuRequest),
              quantity(memoryRequest),
              quantity(cpuLimit),
              quantity(memoryLimit)));
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static String standard(Optional<String> quantity) {
    return quantity.orElse(WITHOUT);
  }

  private static Optional<String> quantity(String text) {
    return text.equals(WITHOUT) ? Optional.empty() : Optional.of(text);
  }
}
