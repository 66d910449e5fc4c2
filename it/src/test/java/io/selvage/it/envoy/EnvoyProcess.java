package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** An Envoy as {@code scripts/install-peers} installs it, with its log. */
public final class EnvoyProcess implements AutoCloseable {
  private static int bases = (int) (ProcessHandle.current().pid() % 10_000) * 3;

  private final Process process;
  private final Path log;

  private EnvoyProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts it on this machine's own network. */
  static EnvoyProcess here(Path folder, Path bootstrap) throws Exception {
    return start(folder, line(Tool.peer("envoy"), bootstrap));
  }

  /** Starts it as the proxy's container of a workload, past the capture. */
  public static EnvoyProcess in(WorkloadNamespace place, Path folder, Path bootstrap)
      throws Exception {
    // it runs as another user, who has to get at both files
    Path program = folder.resolve("envoy");
    if (!Files.exists(program)) {
      Files.copy(Tool.peer("envoy"), program);
    }
    for (Path at : List.of(folder, bootstrap, program)) {
      Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return start(
        folder,
        EntryCommand.of(place, Container.PROXY, OptionalLong.empty(), line(program, bootstrap)));
  }

  private static synchronized List<String> line(Path program, Path bootstrap) {
    return new ArrayList<>(
        List.of(
            program.toString(),
            "-c",
            bootstrap.toString(),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--drain-time-s",
            "45",
            "--drain-strategy",
            "immediate",
            "--file-flush-interval-msec",
            "50",
            "--base-id",
            Integer.toString(bases++),
            "-l",
            "warning"));
  }

  private static EnvoyProcess start(Path folder, List<String> line) throws Exception {
    Path log = Files.createTempFile(folder, "envoy", ".log");
    // opened anew as /dev/stdout for access logs
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-rw-rw-"));
    Process process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new EnvoyProcess(process, log);
  }

  /** What it wrote. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Waits until {@code look} gives what is wanted; Envoy must not end meanwhile. */
  public <T> T until(
      String what, java.util.concurrent.Callable<T> look, java.util.function.Predicate<T> wanted)
      throws Exception {
    return Until.seen(
        what,
        () -> {
          assertThat(process.isAlive()).as("Envoy runs; its log:%n%s", log()).isTrue();
          return look.call();
        },
        wanted);
  }

  /** The answer of its admin endpoint, asked by {@code curl} where it is. */
  public static String admin(List<String> before, int port, String path) {
    var line = new ArrayList<>(before);
    line.addAll(List.of("curl", "-s", "-m", "5", "http://127.0.0.1:" + port + path));
    return Tool.run(Map.of(), line).out();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
