package io.selvage.cli.prove;

import io.selvage.control.source.FolderScan;
import io.selvage.control.source.FolderScan.Stamp;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Waits for changes in folders. The kernel's notices say when to look; a look now and then finds
 * what no notice told.
 */
public final class FolderWatch implements AutoCloseable {
  private static final long SETTLE_MILLIS = 10;
  private static final long LOOK_MILLIS = 2_000;

  private final List<Path> roots;
  private final WatchService watcher;
  private Map<Path, Stamp> last = Map.of();

  /** Begins: a change from now on is seen. */
  public FolderWatch(List<Path> roots) throws IOException {
    this.roots = List.copyOf(roots);
    this.watcher = FileSystems.getDefault().newWatchService();
    last = look();
  }

  /** Returns once something has changed since it was last called. */
  public void await() throws InterruptedException, IOException {
    boolean noticed = false;
    while (!noticed) {
      WatchKey key = watcher.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      while (key != null) {
        noticed |= !key.pollEvents().isEmpty();
        key.reset();
        key = watcher.poll(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
      }
      Map<Path, Stamp> now = look();
      noticed |= !now.equals(last);
      last = now;
    }
  }

  private Map<Path, Stamp> look() throws IOException {
    FolderScan scan = FolderScan.of(roots, file -> true);
    for (Path directory : scan.directories()) {
      register(directory);
    }
    for (Path root : roots) {
      Path parent = root.toAbsolutePath().getParent();
      if (scan.files().containsKey(root) && parent != null) {
        register(parent);
      }
    }
    return new HashMap<>(scan.files());
  }

  private void register(Path directory) throws IOException {
    directory.register(
        watcher,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
  }

  @Override
  public void close() throws IOException {
    watcher.close();
  }
}
