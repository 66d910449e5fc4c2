package io.selvage.ca.roots;

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
    Path absolute = directory.toAbsolutePath();
    if (!Files.exists(absolute)) {
      Path parent = absolute.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(ownerOnly));
    }
    Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(absolute));
    others.removeAll(ownerOnly);
    if (!others.isEmpty()) {
      throw new IOException(
          "SLV1011 the CA's directory " + directory + " is open to others; run chmod 700 on it");
    }
    return new FileCaStore(absolute, new Disk.Real(), clock, claim(absolute));
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
            "SLV1027 another process works with the CA state in " + directory + "; stop it first");
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
        return Optional.of(CaStateFormat.read(bytes, clock.instant()));
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
    disk.write(temporary, CaStateFormat.write(state));
    disk.sync(temporary);
    disk.rename(temporary, directory.resolve("ca-state." + state.generation()));
    disk.syncDirectory(directory);
    for (Generation old : generations()) {
      if (old.number() < state.generation() - 1) {
        disk.delete(old.file());
      }
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

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("SLV1027 the CA state " + file + " is too large to be one");
    }
    return Files.readAllBytes(file);
  }
}
