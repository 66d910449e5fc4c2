package io.selvage.it.envoy;

import io.selvage.cli.netns.CaptureRules;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.xds.bootstrap.SidecarBootstrap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Istio's agent, unchanged, in a workload's network, with the token and the root where Kubernetes
 * mounts them, and our CA and control plane at 127.0.0.1:15012. It starts an unchanged Envoy.
 */
final class PilotAgent implements AutoCloseable {
  /** Where CA and control plane are found together, as at istiod. */
  static final int DISCOVERY_PORT = 15012;

  private static final int ADMIN = 15000;
  private static final String METADATA = "METADATA";

  private final Process process;
  private final Path log;

  private PilotAgent(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it for an account of namespace {@code sample} that is called as the workload.
   *
   * @param home a folder that everybody may enter
   * @param life of its certificates
   */
  static PilotAgent start(
      WorkloadNamespace place,
      Path home,
      String name,
      Duration life,
      OnePlane.Invitation invitation)
      throws Exception {
    Path folder = home.resolve(name);
    write(folder.resolve("var/run/secrets/tokens/istio-token"), invitation.token());
    write(folder.resolve("var/run/secrets/istio/root-cert.pem"), invitation.roots());
    write(folder.resolve("bootstrap.tmpl.json"), template());
    Files.createDirectories(folder.resolve("etc/istio/proxy"));
    Path envoy = copied("envoy", home);
    Path agent = copied("pilot-agent", home);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.toList()) {
        Files.setAttribute(file, "unix:uid", CaptureRules.PROXY_UID);
      }
    }
    var environment =
        Map.ofEntries(
            Map.entry("POD_NAME", name),
            Map.entry("POD_NAMESPACE", "sample"),
            Map.entry("INSTANCE_IP", place.address()),
            Map.entry("SERVICE_ACCOUNT", name),
            Map.entry("ISTIO_META_CLUSTER_ID", OnePlane.CLUSTER),
            Map.entry("TRUST_DOMAIN", OnePlane.TRUST_DOMAIN),
            Map.entry("ISTIOD_SAN", OnePlane.SERVER_NAME),
            // CA_ADDR is left out: it is the discovery address then, known by the same name
            Map.entry("SECRET_TTL", life.toSeconds() + "s"),
            Map.entry("ISTIO_BOOTSTRAP", "./bootstrap.tmpl.json"),
            Map.entry(
                "PROXY_CONFIG",
                "{discoveryAddress: '127.0.0.1:%d', binaryPath: '%s', concurrency: 1}"
                    .formatted(DISCOVERY_PORT, envoy)));
    var command = new ArrayList<>(List.of("env", "--chdir=" + folder));
    environment.forEach((key, value) -> command.add(key + "=" + value));
    command.addAll(List.of(agent.toString(), "proxy", "sidecar"));
    Path log = Files.createFile(home.resolve(name + ".log"));
    Process process =
        new ProcessBuilder(EntryCommand.of(place, Container.PROXY, OptionalLong.empty(), command))
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new PilotAgent(process, log);
  }

  /** Our bootstrap where Istio's agent has its sockets, with what it fills in of the node. */
  private static String template() {
    var bootstrap =
        (ObjectNode)
            JsonMapper.shared()
                .readTree(
                    new SidecarBootstrap(
                            "{{ .nodeID }}",
                            "{{ .cluster }}",
                            Map.of(),
                            Path.of("./var/run/secrets/workload-spiffe-uds/socket"),
                            Path.of("./etc/istio/proxy/XDS"),
                            new InetSocketAddress(RunningMesh.loopback(), ADMIN),
                            Optional.empty(),
                            SidecarBootstrap.Variant.DELTA)
                        .json());
    ((ObjectNode) bootstrap.get("node")).put("metadata", METADATA);
    return bootstrap.toString().replace('"' + METADATA + '"', "{{ .meta_json_str }}");
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static Path copied(String peer, Path home) throws IOException {
    Path program = home.resolve(peer);
    if (!Files.exists(program)) {
      Files.copy(Tool.peer(peer), program);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return program;
  }

  /** What it and its Envoy wrote. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Whether it runs. */
  boolean runs() {
    return process.isAlive();
  }

  /** Ends it and its Envoy, which it would let drain for five seconds. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
