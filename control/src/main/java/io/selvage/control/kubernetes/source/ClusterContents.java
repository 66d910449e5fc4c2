package io.selvage.control.kubernetes.source;

import io.selvage.control.source.Unread;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.ReadResult.Refused;
import io.selvage.model.Resource;
import io.selvage.model.SourceLocation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the objects of a cluster mean, and what is kept of what they meant before. No input and
 * output. One thread at a time.
 *
 * <ul>
 *   <li>An object whose new version is refused stays as it was when last good, until it is deleted.
 *   <li>A policy that can't be understood when the cluster is first read, when there is nothing to
 *       keep, denies its namespace, or the whole mesh when it is of the root namespace.
 *   <li>One that is refused later and was never good protects nothing; its status says so.
 * </ul>
 */
final class ClusterContents {
  private final String home;
  private final Map<ObjectId, Held> objects = new TreeMap<>();
  private boolean started;
  private long generation;

  /**
   * @param home the control plane's namespace, the root namespace where nothing else is written
   */
  ClusterContents(String home) {
    this.home = home;
  }

  /** What tells objects apart. */
  record ObjectId(String kind, String namespace, String name) implements Comparable<ObjectId> {
    private static final Comparator<ObjectId> ORDER =
        Comparator.comparing(ObjectId::kind)
            .thenComparing(ObjectId::namespace)
            .thenComparing(ObjectId::name);

    @Override
    public int compareTo(ObjectId other) {
      return ORDER.compare(this, other);
    }

    /** {@code AuthorizationPolicy pay/deny-x}: the location of everything in it. */
    @Override
    public String toString() {
      return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
    }
  }

  /** What is known of one object. */
  private static final class Held {
    @Nullable Resource good;
    String version = "";
    boolean refused;
    boolean denies;
    List<Problem> problems = List.of();
  }

  /** Whether the object was taken already as it is in this version, by its resourceVersion. */
  boolean isRead(ObjectId id, String version) {
    Held held = objects.get(id);
    return held != null && held.version.equals(version);
  }

  /**
   * Takes an object as it is now; returns whether the meaning of the cluster may have changed.
   *
   * @param version the object's resourceVersion
   */
  boolean put(ObjectId id, String version, ReadResult read) {
    Held held = objects.computeIfAbsent(id, i -> new Held());
    held.version = version;
    Optional<Resource> fresh = read.resources().stream().findFirst();
    boolean refused = fresh.isEmpty() && !read.refused().isEmpty();
    boolean same =
        refused == held.refused
            && held.problems.equals(read.problems())
            && (refused || fresh.equals(Optional.ofNullable(held.good)));
    if (same && started) {
      return false;
    }
    held.refused = refused;
    held.problems = read.problems();
    if (!refused) {
      held.good = fresh.orElse(null); // absent: an object that says nothing to a mesh
      held.denies = false;
    } else if (held.good == null && !started) {
      held.denies = Unread.mayProtect(kind(id));
    }
    return true;
  }

  /** Mesh settings come in a ConfigMap. */
  private static String kind(ObjectId id) {
    return id.kind().equals("ConfigMap") ? "MeshConfig" : id.kind();
  }

  /** Forgets an object that was deleted; returns whether it was known. */
  boolean remove(ObjectId id) {
    return objects.remove(id) != null;
  }

  /** The objects of a kind that are known. */
  List<ObjectId> known(String kind) {
    return objects.keySet().stream().filter(id -> id.kind().equals(kind)).toList();
  }

  /** What is to be said about an object in its status; empty when it isn't known. */
  Optional<Verdict> verdict(ObjectId id) {
    return Optional.ofNullable(objects.get(id))
        .map(held -> Verdict.of(held.refused, held.good != null, held.denies, held.problems));
  }

  /**
   * What the cluster means now.
   *
   * @param more what is amiss beside single objects
   */
  MeshSnapshot snapshot(List<Problem> more) {
    started = true;
    List<Resource> resources = new ArrayList<>();
    List<Problem> problems = new ArrayList<>(more);
    for (Held held : objects.values()) {
      if (held.good != null) {
        resources.add(held.good);
      }
      problems.addAll(held.problems);
    }
    MeshConfig mesh =
        resources.stream()
            .filter(MeshConfig.class::isInstance)
            .map(MeshConfig.class::cast)
            .findFirst()
            .orElseGet(
                () -> {
                  MeshConfig defaults = MeshConfig.defaults(home);
                  resources.add(defaults);
                  return defaults;
                });
    int ordinal = 0;
    for (Map.Entry<ObjectId, Held> entry : objects.entrySet()) {
      if (entry.getValue().denies) {
        Unread unread = unread(entry.getKey());
        resources.add(unread.denial(ordinal++, mesh.rootNamespace()));
        problems.add(unread.problem(mesh));
      }
    }
    return MeshSnapshot.of(++generation, resources, problems);
  }

  private static Unread unread(ObjectId id) {
    return new Unread(
        new Refused(kind(id), id.namespace(), id.name(), new SourceLocation(id.toString(), 0, 0)));
  }
}
