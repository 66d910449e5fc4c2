package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code selvage sidecar}: what an injected Pod does with its sidecar. */
@Command(
    name = "sidecar",
    description = "Wait for the sidecar of this Pod, or end it.",
    subcommands = {SidecarCommand.WaitCommand.class, SidecarCommand.QuitCommand.class})
final class SidecarCommand implements Runnable {
  private static final String HEALTH = "http://127.0.0.1:15021/healthz/ready";
  private static final int STEP_MILLIS = 200;
  private static final int PATIENCE_MILLIS = 2000;

  @picocli.CommandLine.Spec private picocli.CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int status(String method, String url) throws IOException {
    var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  /** {@code selvage sidecar wait}: the hook of a sidecar that its application waits for. */
  @Command(name = "wait", description = "Wait until the sidecar takes traffic.")
  static final class WaitCommand implements Callable<Integer> {
    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        description = "How long (default ${DEFAULT-VALUE}).")
    private int seconds = 60;

    @Option(
        names = "--url",
        paramLabel = "URL",
        description = "Where it says so (default ${DEFAULT-VALUE}).")
    private String url = HEALTH;

    @Override
    public Integer call() throws InterruptedException {
      long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      String last = "";
      do {
        try {
          int status = status("GET", url);
          if (status == 200) {
            return ExitCode.OK;
          }
          last = "it answers " + status;
        } catch (IOException e) {
          last = String.valueOf(e.getMessage());
        }
        Thread.sleep(STEP_MILLIS);
      } while (System.nanoTime() < end);
      throw new UserError(
          ExitCode.TIME_OUT, "the sidecar is not ready after %d s: %s".formatted(seconds, last));
    }
  }

  /** {@code selvage sidecar quit}: the last act of a Job beside whose application one runs. */
  @Command(name = "quit", description = "End the sidecar, as a Job's application does at its end.")
  static final class QuitCommand implements Callable<Integer> {
    @Option(
        names = "--port",
        paramLabel = "PORT",
        description = "Its status port (default ${DEFAULT-VALUE}).")
    private int port = 15020;

    @Override
    public Integer call() {
      try {
        int status = status("POST", "http://127.0.0.1:%d/quitquitquit".formatted(port));
        if (status != 200) {
          throw new UserError(ExitCode.NO_ACCESS, "the sidecar answers " + status);
        }
        return ExitCode.OK;
      } catch (IOException e) {
        throw new UserError(ExitCode.NO_ACCESS, "there is no sidecar: " + e.getMessage());
      }
    }
  }
}
