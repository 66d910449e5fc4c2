package io.selvage.cli.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a log file, read without its beginning, and what comes after it. */
public final class LogTail {

  private static final int MOST_BYTES = 4 << 20;

  private final Path file;
  private long position;
  private String rest = "";

  /** Follows {@code file} from its present end; it need not exist yet. */
  public LogTail(Path file) throws IOException {
    this.file = file;
    this.position = Files.exists(file) ? Files.size(file) : 0;
  }

  /** The last {@code count} lines; none when the file is not there. */
  public static List<String> last(Path file, int count) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      long from = Math.max(0, in.length() - MOST_BYTES);
      List<String> lines = read(in, from, in.length()).lines().toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }
  }

  /** The whole lines that were written since the last call. */
  public List<String> more() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      long end = in.length();
      if (end < position) { // it was full, and another one begun
        position = 0;
        rest = "";
      }
      String text = rest + read(in, position, Math.min(end, position + MOST_BYTES));
      position = Math.min(end, position + MOST_BYTES);
      int whole = text.lastIndexOf('\n') + 1;
      rest = text.substring(whole);
      return text.substring(0, whole).lines().toList();
    }
  }

  private static String read(RandomAccessFile in, long from, long to) throws IOException {
    var bytes = new byte[(int) (to - from)];
    in.seek(from);
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
