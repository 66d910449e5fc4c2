package io.selvage.cli.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One log file, written at its end. When it is full it becomes {@code NAME.1}, in place of the one
 * before, and a new one begins: a mesh that stays up for months takes no more than twice that.
 * Whoever writes hands over whole lines.
 */
public final class LogOutput extends OutputStream {

  /** Bytes at which a file is full. */
  public static final long FULL = 8L << 20;

  private final Path file;
  private final long full;
  private @Nullable OutputStream out;
  private long size;

  /** A log at {@code file}, which is made with the first line. */
  public LogOutput(Path file) {
    this(file, FULL);
  }

  LogOutput(Path file, long full) {
    this.file = file;
    this.full = full;
  }

  /** Where the file before this one is kept. */
  static Path previous(Path file) {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  @Override
  public synchronized void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) throws IOException {
    if (out != null && size + length > full) {
      close();
      Files.move(file, previous(file), StandardCopyOption.REPLACE_EXISTING);
    }
    OutputStream to = out;
    if (to == null) {
      to = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      size = Files.size(file);
      out = to;
    }
    to.write(bytes, from, length);
    size += length;
  }

  @Override
  public synchronized void close() throws IOException {
    OutputStream open = out;
    out = null;
    if (open != null) {
      open.close();
    }
  }
}
