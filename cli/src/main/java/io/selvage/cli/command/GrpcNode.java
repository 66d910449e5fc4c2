package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.grpc.GrpcBootstrap;
import io.selvage.cli.state.Invitation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The options by which a workload that speaks xDS itself is named. */
final class GrpcNode {
  private static final Duration REFRESH = Duration.ofSeconds(10);

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description = "Where its agent has socket and files; the path is part of the bootstrap.")
  private Path directory = Path.of("");

  @Option(
      names = "--invitation",
      paramLabel = "FILE",
      description = "What `selvage invite WORKLOAD` printed; stands for all options below.")
  private @Nullable Path invitation;

  @Option(
      names = "--workload",
      paramLabel = "NAMESPACE/NAME",
      description = "Which workload it is, as the control plane knows it.")
  private String workload = "";

  @Option(names = "--address", paramLabel = "IP", description = "At which address others reach it.")
  private String address = "";

  @Option(
      names = "--cluster",
      paramLabel = "ID",
      description = "Its cluster (default ${DEFAULT-VALUE}).")
  private String cluster = "local";

  @Option(
      names = "--service-account",
      paramLabel = "NAME",
      description = "Its identity in its namespace (default: its own name).")
  private String account = "";

  /** The invitation, if it was given one. */
  Optional<Invitation> invitation() {
    if (invitation == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          JsonMapper.shared().readValue(Files.readString(invitation), Invitation.class));
    } catch (IOException | JacksonException e) {
      throw new UserError(
          ExitCode.USAGE,
          "%s is no invitation: %s\nWrite it by `selvage invite WORKLOAD`"
              .formatted(invitation, e.getMessage()));
    }
  }

  /** What its gRPC library is to read. */
  GrpcBootstrap bootstrap() {
    return invitation()
        .map(
            given ->
                new GrpcBootstrap(
                    given.nodeId(),
                    given.nodeCluster(),
                    given.metadata(),
                    directory.toAbsolutePath().normalize(),
                    REFRESH))
        .orElseGet(this::named);
  }

  private GrpcBootstrap named() {
    String[] parts = workload.split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "--workload is NAMESPACE/NAME, such as shop/cart, not \"%s\"; or give an --invitation"
              .formatted(workload));
    }
    if (address.isEmpty()) {
      throw new UserError(ExitCode.USAGE, "--address is missing; or give an --invitation");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(Invitation.CLUSTER_ID, cluster);
    metadata.put("NAMESPACE", parts[0]);
    metadata.put("SERVICE_ACCOUNT", account.isEmpty() ? parts[1] : account);
    return GrpcBootstrap.of(parts[0], parts[1], address, metadata, directory, REFRESH);
  }
}
