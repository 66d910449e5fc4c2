package io.selvage.cli.mesh;

import io.selvage.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows a {@code workloads.yaml} while its mesh is up: each good version is handed on, a bad one
 * is told with its mistakes and changes nothing.
 */
public final class WorkloadsWatch {

  private final Path file;
  private final Supplier<MeshPlan> reader;
  private final Changing mesh;
  private final MeshEvent.Listener events;
  private Optional<Stamp> seen;
  private Optional<Stamp> settling;
  private boolean bad;

  private record Stamp(long size, Instant modified, @Nullable Object identity) {}

  /** What takes another plan. */
  public interface Changing {
    /** Takes it; refused with cause and next step when it cannot. */
    void change(MeshPlan next) throws IOException, InterruptedException;
  }

  /**
   * @param reader reads the file anew; refuses with a {@link UserError}
   */
  public WorkloadsWatch(
      Path file, Supplier<MeshPlan> reader, Changing mesh, MeshEvent.Listener events) {
    this.file = file;
    this.reader = reader;
    this.mesh = mesh;
    this.events = events;
    this.seen = stamp();
    this.settling = seen;
  }

  /** Looks whether the file is another one; acts once it has not changed between two looks. */
  public void look() throws InterruptedException {
    var now = stamp();
    boolean settled = now.equals(settling);
    settling = now;
    if (now.equals(seen) || !settled) {
      return;
    }
    seen = now;
    if (now.isEmpty()) {
      bad = true;
      events.warning(file + " is gone; the workloads stay as they are");
      return;
    }
    try {
      MeshPlan next = reader.get();
      if (bad) {
        events.good(file + " is good again");
      }
      bad = false;
      mesh.change(next);
    } catch (UserError | IOException e) {
      bad = true;
      events.bad(e.getMessage() + "\nthe workloads stay as they are");
    }
  }

  private Optional<Stamp> stamp() {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new Stamp(
              attributes.size(), attributes.lastModifiedTime().toInstant(), attributes.fileKey()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
