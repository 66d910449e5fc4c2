package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.grpc.GrpcBootstrap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which a workload that speaks xDS itself is named. */
final class GrpcNode {
  private static final Duration REFRESH = Duration.ofSeconds(10);

  @Option(
      names = "--workload",
      paramLabel = "NAMESPACE/NAME",
      required = true,
      description = "Which workload it is, as the control plane knows it.")
  private String workload = "";

  @Option(
      names = "--address",
      paramLabel = "IP",
      required = true,
      description = "At which address others reach it.")
  private String address = "";

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description = "Where its agent has socket and files; the path is part of the bootstrap.")
  private Path directory = Path.of("");

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

  /** What its gRPC library is to read. */
  GrpcBootstrap bootstrap() {
    String[] parts = workload.split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, "--workload is NAMESPACE/NAME, such as shop/cart, not " + workload);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("CLUSTER_ID", cluster);
    metadata.put("NAMESPACE", parts[0]);
    metadata.put("SERVICE_ACCOUNT", account.isEmpty() ? parts[1] : account);
    return GrpcBootstrap.of(parts[0], parts[1], address, metadata, directory, REFRESH);
  }

  /** The cluster's id. */
  String cluster() {
    return cluster;
  }
}
