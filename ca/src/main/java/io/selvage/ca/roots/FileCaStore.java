package io.selvage.ca.roots;

import io.selvage.pki.PkiException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority's state in a directory of mode 0700, one file of mode 0600 per generation.
 *
 * <p>A save writes a temporary file, syncs it, renames it to its generation and syncs the
 * directory; only then is the generation before the last deleted. So a crash at any moment leaves
 * the old state or the new one, whole. Files that are all damaged are an error, never a reason to
 * make a new root.
 */
public final class FileCaStore implements CaStore {
  private static final Logger log = LoggerFactory.getLogger(FileCaStore.class);
  private static final Pattern NAME = Pattern.compile("ca-state\\.(\\d{1,18})");
  private static final String TEMPORARY = "ca-state.tmp";
  private static final int MAX_BYTES = 8 << 20;

  private final Path directory;
  private final Disk disk;
  private final InstantSource clock;

  /** Held as long as this store; the operating system lets go of it when the process dies. */
  private final @Nullable FileChannel claim;

  private record Generation(long number, Path file) {}

  FileCaStore(Path directory, Disk disk, InstantSource clock) {
    this(directory, disk, clock, null);
  }

  private FileCaStore(Path directory, Disk disk, InstantSource clock, @Nullable FileChannel claim) {
    this.claim = claim;
    this.directory = directory;
    this.disk = disk;
    this.clock = clock;
  }

  /**
   * Opens a directory, which is made when it is missing. One that others can enter is refused, and
   * one that another process works with: two authorities on one state would each make a root.
   */
  public static FileCaStore open(Path directory, InstantSource clock) throws IOException {
    Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rwx------");
    Disk disk = new Disk.Real();
    Path absolute = directory.toAbsolutePath();
    if (!Files.exists(absolute)) {
      Path parent = absolute.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(ownerOnly));
      if (parent != null) {
        disk.syncDirectory(parent); // or a power cut loses the directory with all that is in it
      }
    }
    Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(absolute));
    others.removeAll(ownerOnly);
    if (!others.isEmpty()) {
      throw new IOException(
          "SLV1011 the CA's directory " + directory + " is open to others; run chmod 700 on it");
    }
    FileChannel claim = claim(absolute);
    disk.delete(absolute.resolve(TEMPORARY)); // half of a save that a crash cut off, keys included
    return new FileCaStore(absolute, disk, clock, claim);
  }

  private static FileChannel claim(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      if (channel.tryLock() == null) {
        channel.close();
        throw new IOException(
            "SLV1030 another process works with the CA state in " + directory + "; stop it first");
      }
    } catch (OverlappingFileLockException e) {
      // This process has the directory already, through an earlier store.
      log.debug("the CA state in {} is opened again by this process", directory);
    }
    return channel;
  }

  @Override
  public String toString() {
    return "FileCaStore[" + directory + (claim == null ? "" : ", claimed") + "]";
  }

  @Override
  public Optional<CaState> load() throws IOException {
    List<Generation> newestFirst = generations();
    for (Generation generation : newestFirst) {
      byte[] bytes = read(generation.file());
      if (CaStateFormat.isWhole(bytes)) {
        return Optional.of(held(generation.file(), bytes));
      }
      log.error("SLV1027 the CA state {} is damaged; the one before it is used", generation.file());
    }
    if (!newestFirst.isEmpty()) {
      throw new IOException(
          "SLV1027 every CA state in "
              + directory
              + " is damaged; restore one from a backup, or empty the directory to start with a new root");
    }
    return Optional.empty();
  }

  @Override
  public void save(CaState state) throws IOException {
    Path temporary = directory.resolve(TEMPORARY);
    try {
      disk.write(temporary, CaStateFormat.write(state));
      disk.sync(temporary);
      disk.rename(temporary, directory.resolve("ca-state." + state.generation()));
      disk.syncDirectory(directory);
    } catch (IOException e) {
      throw new IOException(
          "SLV1029 the CA state cannot be stored in "
              + directory
              + ", and the CA goes on as it was: "
              + e.getMessage(),
          e);
    }
    forgetBefore(state.generation() - 1);
  }

  /** The new state is safe already, so trouble here is told and no more. */
  private void forgetBefore(long generation) {
    try {
      for (Generation old : generations()) {
        if (old.number() < generation) {
          disk.delete(old.file());
        }
      }
    } catch (IOException e) {
      log.warn("SLV1029 old CA states in {} cannot be deleted: {}", directory, e.toString());
    }
  }

  private List<Generation> generations() throws IOException {
    List<Generation> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          found.add(new Generation(Long.parseLong(name.group(1)), file));
        }
      }
    }
    found.sort(Comparator.comparingLong(Generation::number).reversed());
    return found;
  }

  /** The state that whole bytes hold; a CA that expired meanwhile is an error of its own. */
  private CaState held(Path file, byte[] bytes) throws IOException {
    try {
      return CaStateFormat.read(bytes, clock.instant());
    } catch (PkiException e) {
      throw new IOException(
          e.code() + " the CA stored in " + file + " cannot sign: " + e.getMessage(), e);
    }
  }

  /** Nothing for a file that is too large to be a state. */
  private static byte[] read(Path file) throws IOException {
    try {
      return Files.size(file) > MAX_BYTES ? new byte[0] : Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException("SLV1027 the CA state " + file + " cannot be read: " + e, e);
    }
  }
}
