package io.selvage.cli.agent;

import io.selvage.xds.bootstrap.SidecarBootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Envoy's command line, completed where the user leaves things open. */
public final class ProxyCommandLine {
  private static final List<String> BOOTSTRAP = List.of("-c", "--config-path", "--config-yaml");
  static final String FILE = "bootstrap.json";

  private ProxyCommandLine() {}

  /**
   * {@code command} as it is when it names a bootstrap; else with {@code bootstrap}, in a file
   * beside the agent's socket, and with the options that Istio's agent gives: access logs are
   * written within a second, connections drain at once and for 45 s, and several Envoys may run on
   * one machine.
   */
  public static List<String> of(
      List<String> command, SidecarBootstrap bootstrap, Path socket, OptionalInt user)
      throws IOException {
    if (command.stream().anyMatch(ProxyCommandLine::namesBootstrap)) {
      return command;
    }
    Path file = socket.resolveSibling(FILE);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, bootstrap.json());
    AgentSocket.handOver(file, user);
    var line = new ArrayList<>(command);
    line.addAll(List.of("-c", file.toString()));
    line.addAll(List.of("--drain-time-s", "45", "--drain-strategy", "immediate"));
    line.addAll(List.of("--file-flush-interval-msec", "1000", "--disable-hot-restart"));
    return line;
  }

  private static boolean namesBootstrap(String word) {
    return BOOTSTRAP.contains(word)
        || BOOTSTRAP.stream().anyMatch(option -> word.startsWith(option + "="));
  }
}
