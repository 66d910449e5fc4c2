package io.selvage.proxy;

import io.selvage.proxy.telemetry.AccessLog;
import io.selvage.proxy.telemetry.LogFile;
import io.selvage.proxy.telemetry.LogFormatException;
import io.selvage.proxy.telemetry.MeshMetrics;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files that access logs go to, each opened once for the whole process. */
final class AccessLogFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLogFiles.class);
  private static final int QUEUE = 8192;

  private final MeshMetrics metrics;
  private static final Set<String> CONSOLE = Set.of("/dev/stdout", "/dev/stderr");

  private final Map<String, LogFile> files = new ConcurrentHashMap<>();
  private final Map<OutputStream, LogFile> consoles = new ConcurrentHashMap<>();

  AccessLogFiles(MeshMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * The log of a listener; empty, with a warning, when it can't be written.
   *
   * @param console the workload's own, if it has one
   */
  Optional<AccessLog> open(
      io.selvage.xds.resource.AccessLog configured, Optional<OutputStream> console) {
    try {
      LogFile file =
          console
              .filter(_ -> CONSOLE.contains(configured.path()))
              .map(out -> consoles.computeIfAbsent(out, o -> new LogFile("", o, QUEUE, metrics)))
              .orElseGet(() -> files.computeIfAbsent(configured.path(), this::file));
      return Optional.of(AccessLog.of(configured, file));
    } catch (LogFormatException | java.io.UncheckedIOException e) {
      LOG.warn("no access log at {}: {}", configured.path(), e.getMessage());
      return Optional.empty();
    }
  }

  private LogFile file(String path) {
    try {
      return new LogFile(path, stream(path), QUEUE, metrics);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static OutputStream stream(String path) throws IOException {
    return switch (path) {
      case "/dev/stdout" -> new FileOutputStream(FileDescriptor.out);
      case "/dev/stderr" -> new FileOutputStream(FileDescriptor.err);
      default ->
          Files.newOutputStream(
              Path.of(path), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    };
  }

  /** Writes what is queued for a workload's own console, and lets it go. */
  void release(OutputStream console) {
    LogFile file = consoles.remove(console);
    if (file != null) {
      file.close();
    }
  }

  @Override
  public void close() {
    files.values().forEach(LogFile::close);
    consoles.values().forEach(LogFile::close);
  }
}
