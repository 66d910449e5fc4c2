package io.selvage.proxy.join;

import io.selvage.pki.PkiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file says that others replace while this process runs, as kubelet does with tokens and
 * roots: read anew whenever it is asked for. While it cannot be read, what it said last holds.
 */
final class WatchedFile<T> implements Supplier<T> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
  private static final int LONGEST = 1 << 20;

  private final Path file;
  private final Reader<T> reader;
  private T last;

  /** Makes sense of the text. */
  interface Reader<T> {
    T read(String text) throws IOException, PkiException;
  }

  /**
   * Reads it for the first time.
   *
   * @throws IOException naming the file, when that fails
   */
  WatchedFile(Path file, Reader<T> reader) throws IOException {
    this.file = file;
    this.reader = reader;
    this.last = read();
  }

  private T read() throws IOException {
    try {
      if (Files.size(file) > LONGEST) {
        throw new IOException("it is longer than 1 MiB");
      }
      return reader.read(Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException | PkiException e) {
      throw new IOException(file + " cannot be used: " + e, e);
    }
  }

  @Override
  public synchronized T get() {
    try {
      last = read();
    } catch (IOException e) {
      LOG.warn("SLV7003 {}; going on with what it said before", e.getMessage());
    }
    return last;
  }
}
