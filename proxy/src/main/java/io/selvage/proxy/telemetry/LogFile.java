package io.selvage.proxy.telemetry;

import io.prometheus.metrics.core.metrics.Counter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines on their way to a file or stdout: event loops put them into a bounded queue, one thread
 * writes all that has gathered at once. When the queue is full a line is dropped and counted, since
 * a slow disk must not stop requests.
 */
public final class LogFile implements LineSink, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(LogFile.class);

  /** Ends the thread; a line is never empty. */
  private static final byte[] END = {};

  private static final int BATCH = 1024;

  private final BlockingQueue<byte[]> queue;
  private final OutputStream out;
  private final Counter dropped;
  private final Thread writer;
  private boolean failing;

  /**
   * Starts the writing thread.
   *
   * @param name for the thread
   * @param out where to; closed by whoever opened it
   * @param capacity lines in the queue
   * @param metrics counts the dropped lines
   */
  public LogFile(String name, OutputStream out, int capacity, MeshMetrics metrics) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.out = out;
    this.dropped = metrics.droppedLines;
    this.writer = Thread.ofPlatform().daemon().name("access-log " + name).start(this::run);
  }

  @Override
  public void line(byte[] bytes) {
    if (bytes.length > 0 && !queue.offer(bytes)) {
      dropped.inc();
    }
  }

  private void run() {
    List<byte[]> batch = new ArrayList<>(BATCH);
    boolean open = true;
    while (open) {
      try {
        batch.add(queue.take());
      } catch (InterruptedException e) {
        return;
      }
      queue.drainTo(batch, BATCH - 1);
      open = batch.stream().noneMatch(line -> line.length == 0);
      write(batch);
      batch.clear();
    }
  }

  private void write(List<byte[]> lines) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    lines.forEach(bytes::writeBytes);
    try {
      bytes.writeTo(out);
      out.flush();
      failing = false;
    } catch (IOException e) {
      dropped.inc(lines.size());
      if (!failing) {
        LOGGER.warn(
            "access log lines are lost: {}; is the disk full or the pipe closed?", e.toString());
      }
      failing = true;
    }
  }

  /** Writes what is queued, then stops the thread. */
  @Override
  public void close() {
    try {
      queue.put(END);
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
