package io.selvage.cli.netns;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Real processes; {@code /usr/sbin} and {@code /sbin} are searched also for ordinary users. */
public final class ProcessCommands implements HostCommands {

  @Override
  public Outcome run(List<String> command, String input) throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    Process process = builder.start();
    var err =
        CompletableFuture.supplyAsync(
            () -> read(process.getErrorStream()), task -> Thread.ofVirtual().start(task));
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // the tool ended without reading: its exit status and words say why
    }
    String out = read(process.getInputStream());
    try {
      return new Outcome(process.waitFor(), out, err.join());
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(String.join(" ", command));
    }
  }

  private static String read(java.io.InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
