package io.selvage.control.source;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is in some folders at one moment: their YAML files, links followed, and the directories in
 * which a change may show.
 *
 * @param files every readable {@code .yaml}, {@code .yml} and {@code .json} file that is not
 *     hidden, sorted by path
 * @param directories the folders' own, and those where links lead
 * @param unreadable what is there and cannot be looked at: nothing is known of what is in it
 */
public record FolderScan(Map<Path, Stamp> files, Set<Path> directories, Set<Path> unreadable) {
  private static final int MAX_DEPTH = 32;

  /**
   * What changes when a file's content does.
   *
   * @param size bytes
   * @param modified as fine as the file system has it
   * @param identity another one after a file was replaced by a rename
   */
  public record Stamp(long size, Instant modified, @Nullable Object identity) {
    static Stamp of(BasicFileAttributes attributes) {
      return new Stamp(
          attributes.size(), attributes.lastModifiedTime().toInstant(), attributes.fileKey());
    }
  }

  /** Looks at folders; what vanishes meanwhile is left out. */
  public static FolderScan of(List<Path> roots, Predicate<Path> wanted) throws IOException {
    FolderScan scan = new FolderScan(new TreeMap<>(), new TreeSet<>(), new TreeSet<>());
    for (Path root : roots) {
      scan.add(root, wanted);
    }
    return scan;
  }

  private void add(Path root, Predicate<Path> wanted) throws IOException {
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.equals(root) && isHidden(directory)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            directories.add(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && isYaml(file) && wanted.test(file)) {
              files.put(file, Stamp.of(attributes));
              linkTarget(file, directories);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (file.equals(root)) {
              throw failure;
            }
            failed(file, failure);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void failed(Path path, IOException failure) {
    boolean absent = failure instanceof NoSuchFileException;
    if (!absent && !(failure instanceof FileSystemLoopException) && !isHidden(path)) {
      unreadable.add(path);
    }
  }

  /** Whether a file that isn't among {@link #files} may still be there, where nobody can look. */
  boolean mayHide(Path file) {
    return unreadable.stream().anyMatch(file::startsWith);
  }

  private static void linkTarget(Path file, Set<Path> directories) {
    try {
      if (Files.isSymbolicLink(file)) {
        Path parent = file.toRealPath().getParent();
        if (parent != null) {
          directories.add(parent);
        }
      }
    } catch (IOException e) {
      // The link's target went away after it was seen: the next scan will say so.
      directories.remove(file);
    }
  }

  private static boolean isYaml(Path file) {
    String name = name(file).toLowerCase(Locale.ROOT);
    return !isHidden(file)
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
  }

  private static boolean isHidden(Path path) {
    return name(path).startsWith(".");
  }

  private static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }
}
