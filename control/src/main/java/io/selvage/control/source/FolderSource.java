package io.selvage.control.source;

import io.selvage.control.source.FolderScan.Stamp;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders of Istio YAML, watched: a change is read a few milliseconds after it was written.
 *
 * <p>The kernel's notices say when to look; what there is to see comes from scanning the folder, so
 * that a lost notice, a link elsewhere or a replaced directory delays a change and never hides it.
 * Only files that changed are read. Several folders count as one; files are taken in the order of
 * the folders, then by path.
 */
public final class FolderSource implements ConfigSource {
  /** Quiet time after the last notice: whoever is still writing gets to finish. */
  private static final Duration SETTLE = Duration.ofMillis(4);

  /** A folder that never rests is read all the same. */
  private static final Duration MAX_SETTLE = Duration.ofMillis(40);

  /** How often the folder is scanned without any notice. */
  private static final Duration RESCAN = Duration.ofSeconds(2);

  private static final WatchEvent.Kind<?>[] KINDS = {
    StandardWatchEventKinds.ENTRY_CREATE,
    StandardWatchEventKinds.ENTRY_MODIFY,
    StandardWatchEventKinds.ENTRY_DELETE
  };

  private static final int MAX_BYTES = 8 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(FolderSource.class);

  private final List<Path> roots;
  private final Predicate<Path> wanted;
  private final InstantSource clock;
  private final WatchService watcher;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private final Map<Path, Stamp> stamps = new HashMap<>();
  private final FolderContents contents = new FolderContents();
  private @Nullable Thread thread;

  /**
   * Prepares to watch folders.
   *
   * @param roots at least one; locations in problems begin with one of them as it is given here
   * @param wanted which files to read, among those that look like YAML
   */
  public FolderSource(List<Path> roots, Predicate<Path> wanted, InstantSource clock)
      throws IOException {
    this.roots = List.copyOf(roots);
    this.wanted = wanted;
    this.clock = clock;
    this.watcher = roots.getFirst().getFileSystem().newWatchService();
  }

  @Override
  public void start(Consumer<MeshSnapshot> listener) throws IOException {
    look(Set.of());
    listener.accept(contents.snapshot());
    thread = Thread.ofPlatform().daemon().name("selvage-folder").start(() -> watch(listener));
  }

  @Override
  public void close() {
    try {
      watcher.close();
      Thread running = thread;
      if (running != null && running != Thread.currentThread()) {
        running.join();
      }
    } catch (IOException e) {
      LOG.warn("cannot end the watch of {}: {}", roots, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch(Consumer<MeshSnapshot> listener) {
    try {
      while (true) {
        Set<Path> noticed = new HashSet<>();
        await(noticed);
        if (lookSafely(noticed)) {
          listener.accept(contents.snapshot());
        }
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("the watch of {} has ended", roots);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for notices and for those that follow them at once. */
  private void await(Set<Path> noticed) throws InterruptedException {
    Duration wait =
        contents
            .nextExpiry()
            .map(at -> Duration.between(clock.instant(), at).plusMillis(1))
            .filter(until -> until.compareTo(RESCAN) < 0)
            .map(until -> until.isNegative() ? Duration.ZERO : until)
            .orElse(RESCAN);
    WatchKey key = watcher.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    long deadline = System.nanoTime() + MAX_SETTLE.toNanos();
    while (key != null) {
      note(key, noticed);
      key =
          System.nanoTime() < deadline
              ? watcher.poll(SETTLE.toMillis(), TimeUnit.MILLISECONDS)
              : null;
    }
  }

  private static void note(WatchKey key, Set<Path> noticed) {
    Path directory = (Path) key.watchable();
    for (WatchEvent<?> event : key.pollEvents()) {
      if (event.context() instanceof Path name) {
        noticed.add(directory.resolve(name));
      }
    }
    key.reset();
  }

  private boolean lookSafely(Set<Path> noticed) {
    try {
      return look(noticed);
    } catch (IOException e) {
      LOG.warn(
          "SLV7213 cannot read the folder {}: {}; what it said last stays in force",
          roots,
          e.toString());
      return false;
    }
  }

  /**
   * Scans the folder and reads what changed.
   *
   * @param noticed files to read even when they look unchanged: two writes within one tick of the
   *     file system's clock leave the same stamp
   */
  private boolean look(Set<Path> noticed) throws IOException {
    FolderScan scan = FolderScan.of(roots, wanted);
    if (register(scan.directories())) {
      scan = FolderScan.of(roots, wanted);
    }
    Instant now = clock.instant();
    boolean changed = false;
    for (Map.Entry<Path, Stamp> file : scan.files().entrySet()) {
      Stamp before = stamps.put(file.getKey(), file.getValue());
      boolean fresh = file.getValue().equals(before) && !noticed.contains(file.getKey());
      if (!fresh) {
        changed |= read(file.getKey(), now);
      }
    }
    for (Path hidden : scan.unreadable()) {
      changed |= contents.unreadable(hidden, problem(hidden, "cannot be looked at"));
    }
    for (Path known : contents.files()) {
      if (!scan.files().containsKey(known) && !scan.mayHide(known)) {
        stamps.remove(known);
        contents.vanished(known, now);
      }
    }
    boolean expired = contents.expire(now);
    return expired || changed;
  }

  private boolean read(Path file, Instant now) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        return contents.unreadable(file, problem(file, "is larger than 8 MiB"));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return contents.read(
          file, text, (path, yaml) -> ResourceReader.read(path.toString(), yaml), now);
    } catch (NoSuchFileException e) {
      stamps.remove(file);
      contents.vanished(file, now);
      return false;
    } catch (CharacterCodingException e) {
      return contents.unreadable(file, problem(file, "is not UTF-8"));
    } catch (IOException e) {
      stamps.remove(file);
      return contents.unreadable(file, problem(file, "cannot be read: " + e.getMessage()));
    }
  }

  private static Problem problem(Path file, String what) {
    return Problem.error(
        "SLV7213",
        new SourceLocation(file.toString(), 0, 0),
        "",
        what + "; what was read there last stays in force");
  }

  /** Asks for notices from each directory; returns whether one is new and has to be looked at. */
  private boolean register(Set<Path> directories) {
    watched.keySet().removeIf(path -> !directories.contains(path));
    boolean news = false;
    for (Path directory : directories) {
      try {
        WatchKey key = directory.register(watcher, KINDS);
        news |= !key.equals(watched.put(directory, key));
      } catch (IOException e) {
        LOG.debug("no notices from {}: {}; it is scanned", directory, e.toString());
      }
    }
    return news;
  }
}
