package io.selvage.ca.roots;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The single steps by which a file comes to be, so that a test can stop between any two. */
interface Disk {
  /** Creates or empties a file of mode 0600 and writes it. */
  void write(Path file, byte[] bytes) throws IOException;

  /** Waits until the file's bytes are on the disk. */
  void sync(Path file) throws IOException;

  /** Gives a file its name in one step. */
  void rename(Path from, Path to) throws IOException;

  /** Waits until the directory's names are on the disk. */
  void syncDirectory(Path directory) throws IOException;

  void delete(Path file) throws IOException;

  /** The disk of this machine. */
  final class Real implements Disk {
    private static final Set<StandardOpenOption> ANEW =
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);

    @Override
    public void write(Path file, byte[] bytes) throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              file,
              ANEW,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }

    @Override
    public void sync(Path file) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }

    @Override
    public void delete(Path file) throws IOException {
      Files.deleteIfExists(file);
    }
  }
}
