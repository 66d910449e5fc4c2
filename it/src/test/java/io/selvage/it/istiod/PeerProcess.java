package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A peer that runs until it is closed, with its log. */
public final class PeerProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final Path log;

  private PeerProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it with exactly {@code environment}, in {@code folder}, where its log goes, too.
   *
   * @param name for messages and the log's file
   */
  public static PeerProcess start(
      String name, Path folder, Map<String, String> environment, List<String> line)
      throws IOException {
    Path log = folder.resolve(name + ".log");
    var builder =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(log.toFile());
    String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
    builder.environment().clear();
    builder.environment().put("PATH", path + ":/usr/sbin:/sbin");
    builder.environment().putAll(environment);
    return new PeerProcess(name, builder.start(), log);
  }

  /** What it wrote. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Waits until {@code look} gives what is wanted; the peer must not end meanwhile. */
  public <T> T until(String what, Callable<T> look, Predicate<T> wanted) throws Exception {
    return Until.seen(
        what,
        () -> {
          assertThat(process.isAlive()).as("%s runs; its log:%n%s", name, log()).isTrue();
          return look.call();
        },
        wanted);
  }

  /** Ends it and what it started. */
  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      process.waitFor(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public String toString() {
    return name;
  }
}
