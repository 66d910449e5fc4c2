package io.selvage.cli.mesh;

import io.selvage.cli.log.LogTail;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One workload's application process, started again when it ends by itself: at once the first time,
 * then after 1, 2, 4 … 30 seconds, as kubelet does. Its output goes to a file.
 */
public final class WorkloadProcess implements AutoCloseable {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final int SIGNALLED = 128;

  private final String name;
  private final List<String> line;
  private final Map<String, String> environment;
  private final Optional<Path> directory;
  private final Path log;
  private final ScheduledExecutorService clock;
  private final MeshEvent.Listener events;

  private @Nullable Process process;
  private int ends;
  private int lastExit;
  private boolean stopping;

  /**
   * A process that is not started yet.
   *
   * @param line the whole command line, entry into the workload's place included
   * @param environment added to this process's own
   */
  public WorkloadProcess(
      String name,
      List<String> line,
      Map<String, String> environment,
      Optional<Path> directory,
      Path log,
      ScheduledExecutorService clock,
      MeshEvent.Listener events) {
    this.name = name;
    this.line = List.copyOf(line);
    this.environment = Map.copyOf(environment);
    this.directory = directory;
    this.log = log;
    this.clock = clock;
    this.events = events;
  }

  /** How it stands. */
  public sealed interface State {
    /** It runs. */
    record Running(long pid, Instant since, int restarts) implements State {}

    /** It ended and is started again soon. */
    record Ended(int exit, int restarts) implements State {}

    /** It was stopped on request. */
    record Stopped() implements State {}
  }

  /**
   * Starts it.
   *
   * @throws IOException when the command cannot be started at all
   */
  public synchronized void start() throws IOException {
    if (stopping) {
      return;
    }
    var builder =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    directory.map(Path::toFile).ifPresent(builder::directory);
    builder.environment().putAll(environment);
    Process started = builder.start();
    process = started;
    var _ = started.onExit().thenAccept(this::ended);
  }

  private synchronized void ended(Process ended) {
    if (stopping) {
      return;
    }
    lastExit = ended.exitValue();
    long pause = ends == 0 ? 0 : Math.min(LONGEST_PAUSE.toSeconds(), 1L << Math.min(ends - 1, 10));
    ends++;
    events.bad(
        "%s ended %s%n%s"
            .formatted(
                name,
                lastExit > SIGNALLED
                    ? "by signal " + (lastExit - SIGNALLED)
                    : "with status "
                        + lastExit
                        + lastWords().map(words -> ", saying: " + words).orElse(""),
                pause == 0 ? "it is started again" : "it is started again in " + pause + " s"));
    try {
      var _ = clock.schedule(this::again, pause, TimeUnit.SECONDS);
    } catch (RejectedExecutionException e) {
      // the mesh ends
    }
  }

  /** The last line that it wrote. */
  private Optional<String> lastWords() {
    try {
      return Optional.of(LogTail.last(log, 1)).filter(l -> !l.isEmpty()).map(List::getLast);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void again() {
    try {
      start();
    } catch (IOException e) {
      events.bad(name + " cannot be started again: " + e.getMessage());
    }
  }

  /** How it stands now. */
  public synchronized State state() {
    if (stopping) {
      return new State.Stopped();
    }
    Process now = process;
    return now != null && now.isAlive()
        ? new State.Running(
            now.pid(), now.info().startInstant().orElse(Instant.EPOCH), Math.max(0, ends))
        : new State.Ended(lastExit, ends);
  }

  /** Stops it: asks, waits two seconds, then kills it. */
  @Override
  public void close() {
    Process last;
    synchronized (this) {
      stopping = true;
      last = process;
    }
    if (last == null) {
      return;
    }
    last.destroy();
    try {
      if (!last.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        last.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      last.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
