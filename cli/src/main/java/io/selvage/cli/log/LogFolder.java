package io.selvage.cli.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.event.Level;

/**
 * The logs of one running mesh, a file for each part: {@code control-plane.log}, {@code ca.log},
 * {@code proxies.log}, {@code mesh.log}; and for each workload {@code
 * CLUSTER.NAMESPACE.NAME.app.log} with what its application writes, {@code ….istio-proxy.log} with
 * its proxy's access log.
 */
public final class LogFolder implements LogRouting.Route, AutoCloseable {

  /** The parts that log for the whole mesh. */
  public enum Part {
    /** Configuration, pushes, refusals by proxies. */
    CONTROL_PLANE("control-plane"),
    /** Certificates that are refused, changes of roots. */
    CA("ca"),
    /** What proxies refuse or cannot reach, beside their access logs. */
    PROXIES("proxies"),
    /** The mesh itself: namespaces, processes. */
    MESH("mesh");

    private final String file;

    Part(String file) {
      this.file = file;
    }

    /** Its file within a mesh's log folder. */
    public Path in(Path folder) {
      return folder.resolve(file + ".log");
    }

    static Part of(String logger) {
      if (logger.startsWith("io.selvage.proxy")
          || logger.startsWith("io.selvage.xds.client")
          || logger.startsWith("io.selvage.ca.client")
          || logger.startsWith("io.netty")) {
        return PROXIES;
      }
      if (logger.startsWith("io.selvage.ca")) {
        return CA;
      }
      return logger.startsWith("io.selvage.control")
              || logger.startsWith("io.selvage.xds")
              || logger.startsWith("io.grpc")
          ? CONTROL_PLANE
          : MESH;
    }
  }

  private final Path folder;
  private final InstantSource clock;
  private final Map<Part, LogOutput> outputs = new EnumMap<>(Part.class);

  private LogFolder(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
    for (var part : Part.values()) {
      outputs.put(part, new LogOutput(part.in(folder)));
    }
  }

  /** The logs in {@code folder}, which is made when it is not there. */
  public static LogFolder open(Path folder, InstantSource clock) throws IOException {
    return new LogFolder(Files.createDirectories(folder), clock);
  }

  /** What a workload's application writes. */
  public static Path application(Path folder, String workload) {
    return folder.resolve(workload + ".app.log");
  }

  /** What a workload's proxy writes. */
  public static Path proxy(Path folder, String workload) {
    return folder.resolve(workload + ".istio-proxy.log");
  }

  /** Removes what workloads whose names begin so wrote: they are gone for good. */
  public static void forget(Path folder, String prefix) throws IOException {
    try (var files = Files.newDirectoryStream(folder, prefix + "*.log")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public boolean takes(String logger, Level level) {
    boolean ours = logger.startsWith("io.selvage");
    return level.toInt() >= (ours ? Level.INFO : Level.WARN).toInt();
  }

  @Override
  public void line(String logger, Level level, String message) {
    String line =
        "%s %-5s %s%n".formatted(clock.instant().truncatedTo(ChronoUnit.MILLIS), level, message);
    LogOutput out = outputs.get(Part.of(logger));
    try {
      if (out != null && Files.isDirectory(folder)) {
        out.write(line.getBytes(StandardCharsets.UTF_8));
        return;
      }
    } catch (IOException | UncheckedIOException e) {
      // a full disk: the terminal is all that is left
    }
    System.err.print("selvage: " + line);
  }

  /** Closes the files; a line that still comes opens its file again. */
  @Override
  public void close() throws IOException {
    for (var out : outputs.values()) {
      out.close();
    }
  }
}
