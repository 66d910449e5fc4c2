package io.selvage.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A control plane of a Kubernetes cluster in this process, and the cluster in another one: all that
 * this process did is in the AOT cache that it makes, and its weight is in a control plane's
 * memory.
 */
public final class ControlRehearsal {
  /** What is not over by then hangs. */
  private static final long LIMIT_SECONDS = 240;

  private static final long END_SECONDS = 20;
  private static final String READY = "ready: ADS and the CA at port ";

  private final Process cluster;
  private final BufferedReader said;
  private final PrintWriter say;

  private ControlRehearsal(Process cluster) {
    this.cluster = cluster;
    this.said = new BufferedReader(new InputStreamReader(cluster.getInputStream(), UTF_8));
    this.say = new PrintWriter(new OutputStreamWriter(cluster.getOutputStream(), UTF_8), true);
  }

  /**
   * Runs it whole.
   *
   * @param selvage runs a command line until it is interrupted, and prints to the writer
   * @return how many sidecars were told of the last change
   */
  public static int run(BiConsumer<PrintWriter, String[]> selvage)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(another("warm-up", "cluster"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var last = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(last);
    var rehearsal = new ControlRehearsal(process);
    var _ =
        process
            .onExit()
            .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
            .exceptionally(_ -> process.destroyForcibly());
    try {
      return rehearsal.beside(selvage);
    } finally {
      rehearsal.say.close(); // it ends, and removes what it has made
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Runtime.getRuntime().removeShutdownHook(last);
    }
  }

  /** This program once more, without what makes or takes an AOT cache. */
  private static List<String> another(String... line) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-XX:AOT"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.selvage.cli.Main"));
    command.addAll(List.of(line));
    return command;
  }

  private int beside(BiConsumer<PrintWriter, String[]> selvage)
      throws IOException, InterruptedException {
    String[] line = {
      "control",
      "--kubeconfig=" + answer(),
      "--context=rehearsal",
      "--tokens=review",
      "--address=127.0.0.1",
      "--port=0",
      "--webhook-port=0",
      "--ready-port=0",
      "--monitoring-port=0"
    };
    try (var written = new PipedWriter();
        var printed = new BufferedReader(new PipedReader(written, 1 << 16))) {
      var out = new PrintWriter(written, true);
      Thread runs =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try (out) {
                      selvage.accept(out, line);
                    }
                  });
      var _ = cluster.onExit().thenRun(runs::interrupt); // there is nothing to wait for
      try {
        say.println(port(printed));
        return Integer.parseInt(answer());
      } finally {
        runs.interrupt();
        runs.join();
      }
    }
  }

  private static String port(BufferedReader printed) throws IOException {
    for (String line = printed.readLine(); line != null; line = printed.readLine()) {
      if (line.startsWith(READY)) {
        return line.substring(READY.length());
      }
    }
    throw new IOException("the control plane does not get ready");
  }

  private String answer() throws IOException {
    String line = said.readLine();
    if (line == null) {
      throw new IOException("the played cluster has ended; what it said is above");
    }
    return line;
  }
}
