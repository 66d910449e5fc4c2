package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.HostCommands;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.pod.CidrBlock;
import io.selvage.cli.pod.PodCapture;
import io.selvage.cli.pod.PodCapture.Choice;
import io.selvage.cli.pod.PodCaptureRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage capture}: what a Pod's init container does. */
@Command(
    name = "capture",
    description = {
      "Have this network namespace's TCP connections go through the sidecar.",
      "%nWhat an injected Pod's init container runs: nftables rules for IPv4 and IPv6, in the place"
          + " of those of an earlier run. Takes CAP_NET_ADMIN. UDP, and so DNS, is not captured."
    },
    footer = "%nExit status: 2 a value is wrong; 4 the rules are not in place.")
final class CaptureCommand implements Callable<Integer> {
  private static final int SIDECAR = 1337;
  private static final int MOST_PORTS = 65_535;
  private static final String ALL = "*";

  @Spec private CommandSpec spec;

  @Option(
      names = "--include-inbound-ports",
      paramLabel = "PORTS",
      description = "Ports of the application to capture; * for all (default), empty for none.")
  private String includeInbound = ALL;

  @Option(
      names = "--exclude-inbound-ports",
      paramLabel = "PORTS",
      description = "Ports not to capture where all are (default ${DEFAULT-VALUE}).")
  private String excludeInbound = "15020,15021,15090";

  @Option(
      names = "--include-outbound-ranges",
      paramLabel = "CIDRS",
      description = "Destinations to capture; * for all (default), empty for none.")
  private String includeRanges = ALL;

  @Option(
      names = "--exclude-outbound-ranges",
      paramLabel = "CIDRS",
      description = "Destinations not to capture.")
  private String excludeRanges = "";

  @Option(
      names = "--include-outbound-ports",
      paramLabel = "PORTS",
      description = "Destination ports to capture besides.")
  private String includeOutbound = "";

  @Option(
      names = "--exclude-outbound-ports",
      paramLabel = "PORTS",
      description = "Destination ports never to capture.")
  private String excludeOutbound = "";

  @Option(
      names = "--exclude-interfaces",
      paramLabel = "NAMES",
      description = "Network interfaces that nothing is captured at.")
  private String excludeInterfaces = "";

  @Option(
      names = "--reroute-interfaces",
      paramLabel = "NAMES",
      description = "Interfaces of virtual machines, whose traffic is the application's.")
  private String rerouteInterfaces = "";

  @Option(
      names = "--user",
      paramLabel = "UID",
      description = "The sidecar's user, who is not captured (default ${DEFAULT-VALUE}).")
  private int user = SIDECAR;

  @Option(
      names = "--group",
      paramLabel = "GID",
      description = "The sidecar's group, which is not captured (default ${DEFAULT-VALUE}).")
  private int group = SIDECAR;

  @Option(names = "--print", description = "Print the rules, and change nothing.")
  private boolean print;

  @Override
  public Integer call() {
    String rules = PodCaptureRules.of(capture());
    if (print) {
      SelvageCommand.print(spec, rules.stripTrailing());
      return ExitCode.OK;
    }
    HostCommands host = new ProcessCommands();
    try {
      host.must(List.of("nft", "-f", "-"), rules);
      sourceOfIpVersionSix(host);
    } catch (IOException e) {
      throw new UserError(
          ExitCode.NO_ACCESS,
          "SLV7246 the Pod's traffic is not captured: %s\nIt takes CAP_NET_ADMIN, the program nft and a kernel with nftables' NAT."
              .formatted(e.getMessage()));
    }
    SelvageCommand.print(
        spec,
        "captured: outbound at port %d, inbound at port %d, but for user %d and group %d"
            .formatted(PodCaptureRules.OUTBOUND, PodCaptureRules.INBOUND, user, group));
    return ExitCode.OK;
  }

  /** Where the sidecar's connections to the application come from; 127.0.0.6 is there already. */
  private void sourceOfIpVersionSix(HostCommands host) throws IOException {
    if (Files.exists(Path.of("/proc/net/if_inet6"))) {
      var outcome = host.run("ip", "-6", "address", "replace", "::6/128", "dev", "lo");
      if (!outcome.succeeded()) {
        SelvageCommand.print(
            spec,
            "no address ::6, so IPv6 does not reach the application: " + outcome.err().strip());
      }
    }
  }

  private PodCapture capture() {
    if (user <= 0 || group <= 0) {
      throw new UserError(ExitCode.USAGE, "--user and --group: the sidecar can't be root");
    }
    return new PodCapture(
        user,
        group,
        choice("--include-inbound-ports", includeInbound, CaptureCommand::port),
        list("--exclude-inbound-ports", excludeInbound, CaptureCommand::port),
        choice("--include-outbound-ranges", includeRanges, CidrBlock::of),
        list("--exclude-outbound-ranges", excludeRanges, CidrBlock::of),
        list("--include-outbound-ports", includeOutbound, CaptureCommand::port),
        list("--exclude-outbound-ports", excludeOutbound, CaptureCommand::port),
        list("--exclude-interfaces", excludeInterfaces, CaptureCommand::networkInterface),
        list("--reroute-interfaces", rerouteInterfaces, CaptureCommand::networkInterface));
  }

  private static <T> Optional<Choice<T>> choice(
      String option, String text, Function<String, T> reading) {
    if (text.strip().equals(ALL)) {
      return Optional.of(Choice.all());
    }
    List<T> some = list(option, text, reading);
    return some.isEmpty() ? Optional.empty() : Optional.of(new Choice<>(some));
  }

  private static <T> List<T> list(String option, String text, Function<String, T> reading) {
    if (text.isBlank()) {
      return List.of();
    }
    try {
      return Stream.of(text.split(",", -1)).map(String::strip).map(reading).toList();
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, option + ": " + e.getMessage());
    }
  }

  private static int port(String text) {
    if (text.matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= MOST_PORTS) {
        return port;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no port");
  }

  private static String networkInterface(String text) {
    if (text.matches("[A-Za-z0-9_.@-]{1,15}") && !text.matches("\\.\\.?")) {
      return text;
    }
    throw new IllegalArgumentException("'" + text + "' is no name of a network interface");
  }
}
