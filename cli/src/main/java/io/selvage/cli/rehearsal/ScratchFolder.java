package io.selvage.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that is gone when it is closed. */
final class ScratchFolder implements AutoCloseable {

  private final Path folder;

  private ScratchFolder(Path folder) {
    this.folder = folder;
  }

  static ScratchFolder create() throws IOException {
    return new ScratchFolder(Files.createTempDirectory("selvage-rehearsal-"));
  }

  /** The text of a file of this package. */
  static String resource(String name) throws IOException {
    try (InputStream in = ScratchFolder.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is not in the jar");
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  Path write(String name, String content) throws IOException {
    Path target = path(name);
    Files.createDirectories(target.getParent());
    return Files.writeString(target, content);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
