package io.selvage.control.source;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ObjectMeta;
import io.selvage.model.Problem;
import io.selvage.model.ProblemCodes;
import io.selvage.model.ReadResult;
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
 *       that is missing from a file of which a part could not be understood.
 *   <li>A file that vanishes or is emptied counts only after a moment: editors and shells do both
 *       on the way to a new content, and a policy must not be absent meanwhile.
 *   <li>A policy that can't be understood when the folder is first read, when there is nothing to
 *       keep, denies: its namespace, or the whole mesh when not even that is known.
 * </ul>
 */
final class FolderContents {
  /** How long a vanished file's resources stay. */
  static final Duration VANISHED = Duration.ofMillis(50);

  /** How long an emptied file's resources stay. */
  static final Duration EMPTIED = Duration.ofMillis(250);

  /** Refused when the folder was first read: everything that it may have protected is denied. */
  static final String UNREAD_AT_START = "SLV4207";

  private final Map<Path, FileState> files = new TreeMap<>();
  private boolean started;
  private long generation;

  private record Key(String kind, String namespace, String name) {
    static Key of(Resource resource) {
      return new Key(resource.kind(), resource.meta().namespace(), resource.meta().name());
    }
  }

  private static final class FileState {
    String text = "";
    Map<Key, Resource> good = Map.of();
    List<Problem> problems = List.of();

    /** When it is believed to be gone or empty; until then its resources stay. */
    @Nullable Instant believedAt;
  }

  /** Takes a file's text; returns whether the meaning of the folder may have changed. */
  boolean read(Path file, String text, ReadingText reader, Instant now) {
    FileState state = files.computeIfAbsent(file, f -> new FileState());
    if (text.isBlank() && !state.good.isEmpty()) {
      if (state.believedAt == null) {
        state.believedAt = now.plus(EMPTIED);
      }
      return false;
    }
    boolean held = state.believedAt != null;
    state.believedAt = null;
    if (state.text.equals(text) && started) {
      return held;
    }
    apply(state, text, reader.read(file, text));
    return true;
  }

  /** A file that could not be read: what it meant stays. */
  boolean unreadable(Path file, Problem problem) {
    FileState state = files.computeIfAbsent(file, f -> new FileState());
    if (!started) {
      apply(
          state,
          "",
          new ReadResult(
              List.of(),
              List.of(new ReadResult.Refused("", "", "", problem.at())),
              List.of(problem)));
      return true;
    }
    boolean news = !state.problems.contains(problem);
    state.problems = List.of(problem);
    state.text = "";
    return news;
  }

  /** A file that is no longer there. */
  void vanished(Path file, Instant now) {
    FileState state = files.get(file);
    if (state != null && state.believedAt == null) {
      state.believedAt = now.plus(VANISHED);
    }
  }

  /** Drops what was held long enough; returns whether there was any. */
  boolean expire(Instant now) {
    return files
        .values()
        .removeIf(state -> state.believedAt != null && !now.isBefore(state.believedAt));
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
    List<Resource> duplicates = new ArrayList<>();
    for (Resource resource : result.resources()) {
      if (good.putIfAbsent(Key.of(resource), resource) != null) {
        duplicates.add(resource);
      }
    }
    if (!result.refused().isEmpty()) {
      state.good.forEach(good::putIfAbsent);
    }
    List<Problem> problems = new ArrayList<>(result.problems());
    if (!started) {
      int ordinal = 0;
      for (ReadResult.Refused refused : result.refused()) {
        if (mayProtect(refused.kind())) {
          AuthorizationPolicy denial = denial(refused, ordinal++);
          good.put(Key.of(denial), denial);
          problems.add(explained(refused, denial));
        }
      }
    }
    duplicates.forEach(
        r ->
            problems.add(
                Problem.error(
                    ProblemCodes.DUPLICATE_RESOURCE,
                    r.meta().at(),
                    "metadata.name",
                    "%s %s is written twice in this file; the first is used"
                        .formatted(r.kind(), r.meta().qualifiedName()))));
    state.text = text;
    state.good = good;
    state.problems = List.copyOf(problems);
  }

  private static boolean mayProtect(String kind) {
    return switch (kind) {
      case "Service",
          "ServiceAccount",
          "Namespace",
          "ServiceEntry",
          "WorkloadEntry",
          "DestinationRule" ->
          false;
      default -> true;
    };
  }

  private static AuthorizationPolicy denial(ReadResult.Refused refused, int ordinal) {
    boolean known = !refused.namespace().isEmpty() && !refused.kind().equals("MeshConfig");
    String name = refused.name().isEmpty() ? "line-" + refused.at().line() : refused.name();
    ObjectMeta meta =
        new ObjectMeta(
            "unread-" + name + "-" + ordinal,
            known ? refused.namespace() : MeshConfig.DEFAULTS.rootNamespace(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            refused.at());
    return new AuthorizationPolicy(
        meta,
        Optional.empty(),
        List.of(),
        AuthorizationPolicy.Action.ALLOW,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static Problem explained(ReadResult.Refused refused, AuthorizationPolicy denial) {
    String namespace = denial.meta().namespace();
    String what =
        namespace.equals(refused.namespace()) ? "namespace " + namespace : "the whole mesh";
    return Problem.error(
        UNREAD_AT_START,
        refused.at(),
        "",
        "nothing is known to be in force instead of it, so requests to %s are denied until it is mended"
            .formatted(what));
  }

  /** What the folder means now. */
  MeshSnapshot snapshot() {
    started = true;
    List<Resource> resources = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    Set<Key> live = new HashSet<>();
    for (FileState state : files.values()) {
      problems.addAll(state.problems);
      if (state.believedAt == null) {
        live.addAll(state.good.keySet());
      }
    }
    for (FileState state : files.values()) {
      boolean held = state.believedAt != null;
      state.good.forEach(
          (key, resource) -> {
            if (!held || !live.contains(key)) {
              resources.add(resource);
            }
          });
    }
    return MeshSnapshot.of(++generation, resources, problems);
  }
}
