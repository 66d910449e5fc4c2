package io.selvage.it.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of this machine, run to its end within a limit. */
public final class Tool {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Tool() {}

  /** How a program ended and what it wrote. */
  public record Ran(List<String> command, int exit, String out, String err) {
    public Ran {
      command = List.copyOf(command);
    }

    /** Itself, having succeeded. */
    public Ran well() {
      assertThat(exit).as("%s", this).isZero();
      return this;
    }

    @Override
    public String toString() {
      return "`%s` exited with %d%n%s%n%s".formatted(String.join(" ", command), exit, out, err);
    }
  }

  /** Runs {@code command}; a peer that is not installed fails the test, it never skips it. */
  public static Ran run(Map<String, String> environment, List<String> command) {
    return run(environment, new byte[0], command);
  }

  /** Runs {@code command} with {@code input} on its standard input. */
  public static Ran run(Map<String, String> environment, byte[] input, List<String> command) {
    return run(LIMIT, environment, input, command);
  }

  /** Runs {@code command}, which may take longer than others. */
  public static Ran run(
      Duration limit, Map<String, String> environment, byte[] input, List<String> command) {
    try {
      Process process = start(environment, command);
      try {
        var out = all(process.getInputStream());
        var err = all(process.getErrorStream());
        give(process, input);
        boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
        assertThat(ended).as("%s ends within %s", command, limit).isTrue();
        return new Ran(command, process.exitValue(), out.join(), err.join());
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new AssertionError(
          command.getFirst() + " cannot be run (scripts/install-peers installs what is missing)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + command + " ran", e);
    }
  }

  /** Starts {@code command}, to be ended by the caller. */
  public static Process start(Map<String, String> environment, List<String> command)
      throws IOException {
    return builder(environment, command).start();
  }

  static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    var builder = new ProcessBuilder(command);
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    builder.environment().putAll(environment);
    return builder;
  }

  private static void give(Process process, byte[] input) {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input);
    } catch (IOException e) {
      // it ended without reading: its exit status and words say why
    }
  }

  private static CompletableFuture<String> all(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  /** A Java program of this build's class path. */
  public static List<String> java(List<String> options, Class<?> main, String... arguments) {
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    line.addAll(options);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    line.addAll(List.of(arguments));
    return line;
  }

  /** Where {@code scripts/install-peers} put the peer {@code name}. */
  public static Path peer(String name) {
    Path peer = data(name);
    assertThat(Files.isExecutable(peer)).as("%s can be executed", peer).isTrue();
    return peer;
  }

  /** Where {@code scripts/install-peers} put the file {@code name}. */
  public static Path data(String name) {
    String home = System.getProperty("user.home");
    Path cache =
        Stream.of(
                path(System.getenv("SELVAGE_PEERS"), ""),
                path(System.getenv("XDG_CACHE_HOME"), "selvage/peers"),
                path(home, ".cache/selvage/peers"))
            .flatMap(Stream::ofNullable)
            .findFirst()
            .orElseThrow();
    Path peer = cache.resolve(name);
    assertThat(Files.isReadable(peer))
        .as("%s is there (scripts/install-peers installs it)", peer)
        .isTrue();
    return peer;
  }

  private static @org.jspecify.annotations.Nullable Path path(
      @org.jspecify.annotations.Nullable String start, String rest) {
    return start == null || start.isEmpty() ? null : Path.of(start).resolve(rest);
  }
}
