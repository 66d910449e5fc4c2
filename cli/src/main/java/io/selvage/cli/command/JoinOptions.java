package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.proxy.join.JoinSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** How {@code selvage proxy} is told which mesh to join, and as which workload. */
final class JoinOptions {
  private static final String ISTIOD = "istiod.istio-system.svc";

  @Option(
      names = "--istiod",
      paramLabel = "HOST:PORT",
      required = true,
      description = "Join the mesh of this istiod, at its secure port (15012).")
  private String istiod = "";

  @Option(
      names = "--istiod-san",
      paramLabel = "NAME",
      description = "The DNS name in its certificate (default: HOST, or " + ISTIOD + ").")
  private Optional<String> serverName = Optional.empty();

  @Option(
      names = "--root",
      paramLabel = "FILE",
      required = true,
      description = "The roots by which it is known (ConfigMap istio-ca-root-cert).")
  private Path root = Path.of("");

  @Option(
      names = "--token",
      paramLabel = "FILE",
      required = true,
      description = "The ServiceAccount's token for audience istio-ca; read again when needed.")
  private Path token = Path.of("");

  @Option(
      names = "--namespace",
      paramLabel = "NS",
      required = true,
      description = "The workload's namespace.")
  private String namespace = "";

  @Option(
      names = "--service-account",
      paramLabel = "SA",
      required = true,
      description = "The workload's ServiceAccount, whose token it is.")
  private String account = "";

  @Option(
      names = "--ip",
      paramLabel = "IP",
      required = true,
      description = "The workload's address, as its endpoints have it.")
  private InetAddress address = InetAddress.getLoopbackAddress();

  @Option(
      names = "--name",
      paramLabel = "POD",
      description = "The workload's name (default: its ServiceAccount's).")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--label",
      paramLabel = "K=V",
      description = "A label of the workload; may be repeated.")
  private Map<String, String> labels = new TreeMap<>();

  @Option(
      names = "--cluster-id",
      paramLabel = "ID",
      defaultValue = "Kubernetes",
      description = "The cluster's id (default ${DEFAULT-VALUE}).")
  private String cluster = "Kubernetes";

  @Option(
      names = "--mesh-id",
      paramLabel = "ID",
      defaultValue = "cluster.local",
      description = "The mesh's id (default ${DEFAULT-VALUE}).")
  private String mesh = "cluster.local";

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = {
        "sidecar: it stands before a workload whose connections are captured (default).",
        "router: a gateway, such as istio-eastwestgateway, that listens itself."
      })
  private JoinSettings.Role role = JoinSettings.Role.SIDECAR;

  @Option(names = "--network", paramLabel = "NAME", description = "The workload's network.")
  private Optional<String> network = Optional.empty();

  @Option(
      names = "--netns",
      paramLabel = "FILE",
      description = {
        "The workload's network namespace, such as /run/netns/NAME, if it is not this process's.",
        "Capture there must let packets with mark 1337 pass."
      })
  private Optional<Path> netns = Optional.empty();

  @Option(
      names = "--state-of-the-world",
      description = "Speak state-of-the-world xDS instead of incremental xDS.")
  private boolean world;

  @Option(
      names = "--admin",
      paramLabel = "PORT",
      description =
          "Serve metrics and the pages that istioctl reads at this port of 127.0.0.1 (default:"
              + " nowhere).")
  private Optional<Integer> admin = Optional.empty();

  JoinSettings settings() {
    InetSocketAddress at = hostAndPort(istiod);
    return new JoinSettings(
        new JoinSettings.ControlPlane(
            at.getHostString(),
            at.getPort(),
            serverName.orElseGet(() -> known(at.getHostString()))),
        root,
        token,
        new JoinSettings.Identity(
            namespace,
            name.orElse(account),
            account,
            address.getHostAddress(),
            labels,
            "cluster.local"),
        role,
        cluster,
        mesh,
        network,
        !world);
  }

  private static String known(String host) {
    return host.matches("[0-9.]+") || host.contains(":") ? ISTIOD : host;
  }

  Optional<Path> netns() {
    return netns;
  }

  Optional<InetSocketAddress> admin() {
    return admin.map(port -> new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
  }

  private static InetSocketAddress hostAndPort(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      String host = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[(.*)]$", "$1");
      if (!host.isEmpty() && port > 0) {
        return InetSocketAddress.createUnresolved(host, port);
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new UserError(ExitCode.USAGE, "--istiod must be HOST:PORT, not " + text);
  }
}
