package io.selvage.it.conformance;

import io.selvage.cli.netns.CaptureRules;
import io.selvage.cli.netns.HostCommands;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.Opened;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The stage's two network namespaces, joined by a veth pair: the server's, whose traffic is
 * captured, and the client's, which also has the authorizer's address.
 */
final class CaseNetwork implements AutoCloseable {
  private final HostCommands host = new ProcessCommands();
  private final Opened opened = new Opened();
  private final WorkloadNamespace server;
  private final NetworkNamespace inServer;
  private final NetworkNamespace inClient;

  /**
   * Makes them.
   *
   * @param name tells this stage from others of the machine; short, without dots
   * @param folder for the files that go with it
   */
  CaseNetwork(String name, Path folder) throws IOException {
    String client = "selvage-" + name + ".client";
    this.server =
        new WorkloadNamespace(
            "selvage-" + name + ".server",
            Stage.SERVER,
            Files.writeString(folder.resolve(name + ".resolv.conf"), "nameserver 127.0.0.1\n"));
    try {
      for (String each : List.of(server.name(), client)) {
        host.must(List.of("ip", "netns", "add", each), "");
        opened.add(() -> host.run("ip", "netns", "delete", each));
      }
      host.must(inside(server.name(), "nft", "-f", "-"), CaptureRules.initial());
      batch(
          server.name(),
          """
          link add eth0 type veth peer name eth0 netns %s
          link set lo up
          addr add %s/24 dev eth0
          link set eth0 up
          """
              .formatted(client, Stage.SERVER));
      batch(
          client,
          """
          link set lo up
          addr add %s/24 dev eth0
          addr add %s/24 dev eth0
          addr add %s/24 dev eth0
          link set eth0 up
          """
              .formatted(Stage.CLIENT, Stage.OTHER_CLIENT, Stage.AUTHORIZER));
      this.inServer = opened.add(NetworkNamespace.open(server.path()));
      this.inClient = opened.add(NetworkNamespace.open(Path.of("/run/netns", client)));
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void batch(String namespace, String commands) throws IOException {
    host.must(List.of("ip", "-n", namespace, "-batch", "-"), commands);
  }

  private static List<String> inside(String namespace, String... command) {
    var line = new java.util.ArrayList<>(List.of("ip", "netns", "exec", namespace));
    line.addAll(List.of(command));
    return line;
  }

  /** The server's, for processes. */
  WorkloadNamespace server() {
    return server;
  }

  /** The server's, for sockets. */
  NetworkNamespace inServer() {
    return inServer;
  }

  /** The client's, for sockets. */
  NetworkNamespace inClient() {
    return inClient;
  }

  @Override
  public void close() {
    opened.close();
  }
}
