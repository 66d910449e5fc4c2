package io.selvage.cli.command;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say how far an installation goes. */
final class RunChoice {
  @Option(
      names = "--force-conflicts",
      description = "Set also fields that others have set to something else; the plan shows them.")
  private boolean takeOver;

  @Option(
      names = "--wait",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Wait until it is ready and check it (default); --no-wait doesn't.")
  private boolean wait = true;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for each cluster (${DEFAULT-VALUE}).")
  private int seconds = 300;

  @Option(
      names = "--api-server",
      paramLabel = "CONTEXT=URL",
      description =
          "With several contexts: where the other clusters reach this one's API server (default: as"
              + " the kubeconfig).")
  private Map<String, String> servers = Map.of();

  @Option(
      names = "--gateway",
      description =
          "Also make the gateway by which the network of each cluster (--network) is reached from"
              + " others.")
  private boolean gateway;

  boolean withGateway() {
    return gateway;
  }

  Optional<String> apiServer(Optional<String> context) {
    return context.map(servers::get);
  }

  boolean takesOver() {
    return takeOver;
  }

  boolean waits() {
    return wait;
  }

  Duration limit() {
    return Duration.ofSeconds(seconds);
  }
}
