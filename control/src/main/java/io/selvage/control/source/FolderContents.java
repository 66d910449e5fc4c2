package io.selvage.control.source;

import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ProblemCodes;
import io.selvage.model.ReadResult;
import io.selvage.model.ReadResult.Refused;
import io.selvage.model.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a folder's files mean, and what is kept of what they meant before. No input and output: it
 * is told what was read, and when. One thread at a time.
 *
 * <ul>
 *   <li>A resource whose new text is refused stays as it was when last good; so does every resource
 *       that is missing from a file of which a part could not be understood, and one that moved to
 *       another file and is refused there.
 *   <li>A file that vanishes, is emptied or is cut short counts only after a moment: editors and
 *       shells do that on the way to a new content, and a policy must not be absent meanwhile. One
 *       that cannot be read at all means what it meant before.
 *   <li>A policy that can't be understood when the folder is first read, when there is nothing to
 *       keep, denies: its namespace, or the whole mesh when not even that is known.
 * </ul>
 */
final class FolderContents {
  /** How long a vanished file's resources stay. */
  static final Duration VANISHED = Duration.ofMillis(50);

  /** How long an emptied file's resources stay, and those of one that was cut short. */
  static final Duration EMPTIED = Duration.ofMillis(250);

  private final Map<Path, FileState> files = new TreeMap<>();
  private boolean started;
  private long generation;

  /** Which resource a document is; empty parts are not known. */
  record Key(String kind, String namespace, String name) {
    static Key of(Resource resource) {
      return new Key(resource.kind(), resource.meta().namespace(), resource.meta().name());
    }

    /** Whether a refused document may be a new version of the resource. */
    boolean mayBe(Refused refused) {
      boolean sameKind = refused.kind().isEmpty() || kind.isEmpty() || refused.kind().equals(kind);
      boolean samePlace = refused.namespace().isEmpty() || refused.namespace().equals(namespace);
      return refused.name().isEmpty()
          || name.isEmpty()
          || (refused.name().equals(name) && samePlace && sameKind);
    }

    /** As {@link #mayBe}, and the document says which resource it is. */
    boolean is(Refused refused) {
      return !refused.name().isEmpty() && mayBe(refused);
    }
  }

  private static final class FileState {
    String text = "";
    Map<Key, Resource> good = Map.of();

    /** What has been denied for since the start, for want of a good version. */
    Map<Key, Unread> unread = Map.of();

    /** The documents of the current text that are not good. */
    List<Refused> refused = List.of();

    List<Problem> problems = List.of();
    boolean wasEverGood;

    /** When what it is now is believed; until then what it was stays. */
    @Nullable Instant believedAt;

    /** What is believed then; null: that it is gone or empty. */
    @Nullable Shortened shortened;

    boolean isHeld() {
      return believedAt != null;
    }

    boolean isDue(Instant now) {
      return believedAt != null && !now.isBefore(believedAt);
    }

    /** There is nothing to wait for any more. */
    void believe() {
      believedAt = null;
      shortened = null;
    }
  }

  /** The beginning of what a file said before: perhaps it is still being written. */
  private record Shortened(String text, ReadResult result) {}

  /** Takes a file's text; returns whether the meaning of the folder may have changed. */
  boolean read(Path file, String text, ReadingText reader, Instant now) {
    FileState state = files.computeIfAbsent(file, f -> new FileState());
    boolean cutShort = text.length() < state.text.length() && state.text.startsWith(text);
    if ((text.isBlank() || cutShort) && !(state.good.isEmpty() && state.unread.isEmpty())) {
      if (state.believedAt == null) {
        state.believedAt = now.plus(EMPTIED);
      }
      state.shortened = text.isBlank() ? null : new Shortened(text, reader.read(file, text));
      return false;
    }
    boolean held = state.isHeld();
    state.believe();
    if (state.text.equals(text) && started) {
      return held;
    }
    apply(state, text, reader.read(file, text));
    return true;
  }

  /** A file, or a folder with files, that could not be read: what it meant stays. */
  boolean unreadable(Path file, Problem problem) {
    FileState state = files.computeIfAbsent(file, f -> new FileState());
    Refused anything = new Refused("", "", "", problem.at());
    boolean held = state.isHeld();
    state.believe();
    if (!started) {
      apply(state, "", new ReadResult(List.of(), List.of(anything), List.of(problem)));
      return true;
    }
    boolean news = !state.problems.contains(problem);
    state.problems = List.of(problem);
    state.refused = List.of(anything);
    state.text = "";
    return news || held;
  }

  /** A file that is no longer there. */
  void vanished(Path file, Instant now) {
    FileState state = files.get(file);
    if (state != null) {
      state.shortened = null;
      if (!state.isHeld()) {
        state.believedAt = now.plus(VANISHED);
      }
    }
  }

  /** Believes what has lasted long enough; returns whether there was any. */
  boolean expire(Instant now) {
    List<FileState> due = files.values().stream().filter(state -> state.isDue(now)).toList();
    List<FileState> gone = due.stream().filter(state -> state.shortened == null).toList();
    files.values().removeAll(gone);
    gone.forEach(this::passOn);
    for (FileState state : due) {
      Shortened shortened = state.shortened;
      state.believe();
      if (shortened != null) {
        apply(state, shortened.text(), shortened.result());
      }
    }
    return !due.isEmpty();
  }

  /** A resource that went with its file, but is refused in another, was moved, not deleted. */
  private void passOn(FileState gone) {
    gone.good.forEach(
        (key, resource) -> heir(key).ifPresent(heir -> heir.good = with(heir.good, key, resource)));
    gone.unread.forEach(
        (key, unread) -> heir(key).ifPresent(heir -> heir.unread = with(heir.unread, key, unread)));
  }

  private Optional<FileState> heir(Key key) {
    boolean elsewhere = files.values().stream().anyMatch(state -> state.good.containsKey(key));
    return elsewhere
        ? Optional.empty()
        : files.values().stream()
            .filter(
                state ->
                    state.refused.stream()
                        .anyMatch(r -> key.is(r) || (!state.wasEverGood && key.mayBe(r))))
            .findFirst();
  }

  private static <T> Map<Key, T> with(Map<Key, T> map, Key key, T value) {
    Map<Key, T> more = new LinkedHashMap<>(map);
    more.putIfAbsent(key, value);
    return more;
  }

  /** When {@link #expire} next has something to do. */
  Optional<Instant> nextExpiry() {
    return files.values().stream()
        .map(state -> Optional.ofNullable(state.believedAt))
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  /** The files known so far, those that are held included. */
  Set<Path> files() {
    return Set.copyOf(files.keySet());
  }

  /** How a text becomes resources. */
  interface ReadingText {
    ReadResult read(Path file, String text);
  }

  private void apply(FileState state, String text, ReadResult result) {
    Map<Key, Resource> good = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>(result.problems());
    for (Resource resource : result.resources()) {
      if (good.putIfAbsent(Key.of(resource), resource) != null) {
        problems.add(repeated(resource));
      }
    }
    if (!result.refused().isEmpty()) {
      state.good.forEach(good::putIfAbsent);
    }
    state.unread = started ? stillUnread(state, result.refused()) : unread(result.refused());
    state.unread.keySet().removeAll(good.keySet());
    state.text = text;
    state.good = good;
    state.refused = result.refused();
    state.problems = List.copyOf(problems);
    state.wasEverGood |= !result.resources().isEmpty();
  }

  private static Problem repeated(Resource resource) {
    return Problem.error(
        ProblemCodes.DUPLICATE_RESOURCE,
        resource.meta().at(),
        "metadata.name",
        "%s %s is written twice in this file; the first is used"
            .formatted(resource.kind(), resource.meta().qualifiedName()));
  }

  private static Map<Key, Unread> unread(List<Refused> refused) {
    Map<Key, Unread> unread = new LinkedHashMap<>();
    for (Refused each : refused) {
      if (Unread.mayProtect(each.kind())) {
        unread.putIfAbsent(new Unread(each).key(), new Unread(each));
      }
    }
    return unread;
  }

  private static Map<Key, Unread> stillUnread(FileState state, List<Refused> refused) {
    Map<Key, Unread> still = new LinkedHashMap<>(state.unread);
    still.keySet().removeIf(key -> refused.stream().noneMatch(key::mayBe));
    return still;
  }

  /** What the folder means now. */
  MeshSnapshot snapshot() {
    started = true;
    List<Resource> resources = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    Set<Key> live = new HashSet<>();
    for (FileState state : files.values()) {
      problems.addAll(state.problems);
      if (!state.isHeld()) {
        live.addAll(state.good.keySet());
      }
    }
    for (FileState state : files.values()) {
      boolean held = state.isHeld();
      state.good.forEach(
          (key, resource) -> {
            if (!held || !live.contains(key)) {
              resources.add(resource);
            }
          });
    }
    deny(resources, problems);
    return MeshSnapshot.of(++generation, resources, problems);
  }

  /** What is unread denies, in the root namespace that is in force now where it is for the mesh. */
  private void deny(List<Resource> resources, List<Problem> problems) {
    MeshConfig mesh =
        resources.stream()
            .filter(MeshConfig.class::isInstance)
            .map(MeshConfig.class::cast)
            .findFirst()
            .orElse(MeshConfig.DEFAULTS);
    int ordinal = 0;
    for (FileState state : files.values()) {
      for (Unread unread : state.unread.values()) {
        resources.add(unread.denial(ordinal++, mesh.rootNamespace()));
        problems.add(unread.problem(mesh));
      }
    }
  }
}
