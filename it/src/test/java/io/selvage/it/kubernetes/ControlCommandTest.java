package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.cli.Main;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code selvage control}, as a process of its own. */
@Tag("real")
final class ControlCommandTest {
  private static final Pattern PORTS =
      Pattern.compile("readiness at port (\\d+), metrics at port (\\d+)");

  private static final Pattern SERVING = Pattern.compile("ready: ADS and the CA at port (\\d+)");

  @TempDir private Path home;
  private final Opened opened = new Opened();

  private static List<String> line(String... arguments) {
    var all =
        new ArrayList<>(
            List.of(
                "control",
                "--address=127.0.0.1",
                "--port=0",
                "--webhook-port=0",
                "--ready-port=0",
                "--monitoring-port=0"));
    all.addAll(Arrays.asList(arguments));
    return Tool.java(List.of("-Xmx256m"), Main.class, all.toArray(String[]::new));
  }

  /** The command on a cluster of its own. */
  private Process control(String... more) throws Exception {
    Cluster cluster = opened.add(Cluster.start(home));
    Path kubeconfig = cluster.kubeconfig(cluster.api().port(), "admin", cluster.api().adminToken());
    var arguments =
        new ArrayList<>(List.of("--context", "admin", "--kubeconfig", kubeconfig.toString()));
    arguments.addAll(List.of(more));
    Process process = Tool.start(Map.of(), line(arguments.toArray(String[]::new)));
    opened.add(process::destroyForcibly);
    return process;
  }

  @Test
  void servesACluster() throws Exception {
    try {
      Process process = control();
      try (BufferedReader said = process.inputReader()) {
        Matcher ports = PORTS.matcher(said.readLine());
        assertThat(ports.matches()).isTrue();
        assertThat(said.readLine()).startsWith("ready: ADS and the CA at port ");
        assertThat(curl("http://127.0.0.1:" + ports.group(1) + "/ready")).isEqualTo("ready\n");
        assertThat(curl("http://127.0.0.1:" + ports.group(2) + "/metrics")).contains("# TYPE ");
      }
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ends when it is told to").isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    } finally {
      opened.close();
    }
  }

  @Test
  void servesOnForAWhileWhenItIsToldToEnd() throws Exception {
    try {
      Process process = control("--shutdown-duration=3600");
      try (BufferedReader said = process.inputReader()) {
        Matcher ports = PORTS.matcher(said.readLine());
        assertThat(ports.matches()).isTrue();
        Matcher serving = SERVING.matcher(said.readLine());
        assertThat(serving.matches()).isTrue();
        process.destroy();
        Until.seen(
            "nobody is to be sent there",
            () -> curl("http://127.0.0.1:" + ports.group(1) + "/ready"),
            "not ready: it ends\n"::equals);
        try (var still =
            new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(serving.group(1)))) {
          assertThat(still.isConnected()).isTrue();
        }
      }
    } finally {
      opened.close();
    }
  }

  private static String curl(String url) {
    return Tool.run(Map.of(), List.of("curl", "-s", "-m", "5", url)).well().out();
  }

  @Test
  void aKubeconfigThatIsWrongIsNamed() throws IOException {
    Tool.Ran none = Tool.run(Map.of(), line("--kubeconfig", home.resolve("none").toString()));
    assertThat(none.exit()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("none cannot be read");

    Path file = home.resolve("config");
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
        contexts: [{name: a, context: {cluster: a, user: a}}]
        users: [{name: a, user: {token: t}}]
        current-context: a
        """);
    Tool.Ran wrong = Tool.run(Map.of(), line("--kubeconfig", file.toString(), "--context", "west"));
    assertThat(wrong.exit()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("no context west");
  }
}
