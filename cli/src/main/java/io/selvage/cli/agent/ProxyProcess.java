package io.selvage.cli.agent;

import io.selvage.cli.state.WorkloadEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy beside an agent. What it writes goes on to this process's own output, line by line with
 * what the agent says.
 */
public final class ProxyProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyProcess.class);
  private static final int PATIENCE_SECONDS = 5;

  private final Process process;
  private final List<Thread> pumps;

  private ProxyProcess(Process process, List<Thread> pumps) {
    this.process = process;
    this.pumps = pumps;
  }

  /**
   * Starts it.
   *
   * @param user as whom it runs, where that is another user. Its pipes are made that user's: Envoy
   *     opens {@code /dev/stdout} anew for access logs, which is refused on another's pipe
   */
  public static ProxyProcess start(WorkloadEntry entry, OptionalInt user) throws IOException {
    var builder = new ProcessBuilder(entry.line());
    builder.environment().putAll(entry.environment());
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    Process process = builder.start();
    try {
      for (int descriptor = 1; descriptor <= 2; descriptor++) {
        AgentSocket.handOver(Path.of("/proc/%d/fd/%d".formatted(process.pid(), descriptor)), user);
      }
    } catch (IOException e) {
      process.destroyForcibly();
      throw new IOException("the proxy ended at once: " + e.getMessage(), e);
    }
    return new ProxyProcess(
        process,
        List.of(
            pump(process.getInputStream(), System.out),
            pump(process.getErrorStream(), System.err)));
  }

  private static Thread pump(InputStream from, OutputStream to) {
    return Thread.ofVirtual()
        .name("selvage-proxy-output")
        .start(
            () -> {
              try {
                from.transferTo(new Flushing(to));
              } catch (IOException e) {
                LOG.debug("the proxy's output broke off", e);
              }
            });
  }

  /** Waits for its end; its exit status. */
  public int await() throws InterruptedException {
    int status = process.waitFor();
    for (Thread pump : pumps) {
      pump.join();
    }
    return status;
  }

  /** Asks it to end, and makes it end when it has not after five seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** What is written is seen at once. */
  private static final class Flushing extends OutputStream {
    private final OutputStream to;

    Flushing(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int octet) throws IOException {
      to.write(octet);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      to.write(octets, from, count);
      to.flush();
    }
  }
}
