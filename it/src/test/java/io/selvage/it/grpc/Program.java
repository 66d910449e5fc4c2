package io.selvage.it.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.selvage.it.grpc.AnyMethod.Ended;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One of the two programs as a process of its own; closing it ends it. */
public final class Program implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final PrintWriter in;
  private final Path log;

  private Program(Process process, Path log) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.log = log;
  }

  /** Starts it; {@link #untilReady} waits. */
  public static Program start(Map<String, String> environment, Path log, List<String> command)
      throws IOException {
    var builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().putAll(environment);
    return new Program(builder.start(), log);
  }

  /** Waits until it says that it is ready. */
  public Program untilReady() throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals("ready")) {
        return this;
      }
    }
    throw new AssertionError("it ended before it was ready, see " + log);
  }

  /** Has the client call. */
  synchronized Ended call(String target, String path, String... headers) throws IOException {
    in.println(String.join("\t", target, path, String.join("\t", headers)).stripTrailing());
    String line = out.readLine();
    assertThat(line).as("an answer, see %s", log).isNotNull();
    int tab = line.indexOf('\t');
    return new Ended(Status.Code.valueOf(line.substring(0, tab)), line.substring(tab + 1));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    in.close();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
