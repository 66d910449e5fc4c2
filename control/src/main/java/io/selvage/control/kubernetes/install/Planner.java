package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.install.ObjectClient.Conflicts;
import io.selvage.control.kubernetes.install.ObjectClient.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares a manifest with a cluster. The API server itself says what would come of each object (a
 * server-side apply that is only tried), so defaults, other managers' fields, admission and missing
 * permissions are in the answer.
 */
public final class Planner {
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;
  private static final Duration SERVED = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(100);

  private final ObjectClient objects;

  /** For one cluster. */
  public Planner(KubernetesClient client) {
    this.objects = new ObjectClient(client);
  }

  /**
   * What is to be done, in the order in which it is done.
   *
   * @throws KubernetesClientException when the API server doesn't answer
   */
  public List<Change> plan(Manifest manifest) {
    List<Change> changes = new ArrayList<>();
    boolean placed =
        manifest.objects().stream()
            .filter(object -> object.kind() == ObjectKind.NAMESPACE)
            .allMatch(object -> objects.get(object).isPresent());
    Set<String> undefined = new HashSet<>();
    for (ManifestObject object : manifest.objects()) {
      Change change =
          undefined.contains(object.kind().definition())
              ? new Change.Create(object) // there is no such kind yet to try it as
              : change(object, placed);
      if (object.kind() == ObjectKind.CUSTOM_RESOURCE_DEFINITION
          && change instanceof Change.Create) {
        undefined.add(object.name());
      }
      changes.add(change);
    }
    for (ManifestObject object : manifest.without()) {
      if (objects.get(object).filter(ManifestObject::isOurs).isPresent()) {
        changes.add(new Change.Delete(object));
      }
    }
    return List.copyOf(changes);
  }

  private Change change(ManifestObject object, boolean placed) {
    if (object.kind().isNamespaced() && !placed) {
      return new Change.Create(object); // there is no place yet to try it in
    }
    Optional<ObjectNode> live = objects.get(object);
    try {
      if (live.isEmpty()) {
        objects.apply(object, Write.TRIED, Conflicts.REFUSED);
        return new Change.Create(object);
      }
      Optional<String> foreign = leftAlone(object, live.get());
      return foreign.isPresent()
          ? new Change.LeftAlone(object, foreign.get())
          : update(Adapted.to(object, live.get()), live.get());
    } catch (KubernetesClientException e) {
      return new Change.Refused(object, words(e));
    }
  }

  /** Whether it is there, and made by Selvage. */
  boolean isOurs(ManifestObject object) {
    return objects.get(object).filter(ManifestObject::isOurs).isPresent();
  }

  /** Whether it is there, and somebody else's. */
  public boolean isLeftAlone(ManifestObject object) {
    return objects.get(object).flatMap(live -> leftAlone(object, live)).isPresent();
  }

  private static Optional<String> leftAlone(ManifestObject object, ObjectNode live) {
    return switch (object.kept()) {
      case APPLIED -> Optional.empty();
      case APPLIED_IF_OURS ->
          ManifestObject.isOurs(live) ? Optional.empty() : Optional.of("not made by Selvage");
      case MADE_ONCE -> Optional.of("kept as it is");
    };
  }

  private Change update(ManifestObject object, ObjectNode live) {
    try {
      ObjectNode then = objects.apply(object, Write.TRIED, Conflicts.REFUSED);
      List<FieldDiff> fields = FieldDiff.between(live, then);
      return fields.isEmpty() ? new Change.Unchanged(object) : new Change.Update(object, fields);
    } catch (KubernetesClientException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
      ObjectNode then = objects.apply(object, Write.TRIED, Conflicts.TAKEN_OVER);
      return new Change.Conflict(object, FieldDiff.between(live, then), owners(e));
    }
  }

  private static List<String> owners(KubernetesClientException conflict) {
    if (conflict.getStatus() == null || conflict.getStatus().getDetails() == null) {
      return List.of(words(conflict));
    }
    return conflict.getStatus().getDetails().getCauses().stream().map(Planner::owner).toList();
  }

  private static String owner(StatusCause cause) {
    return "%s: %s".formatted(cause.getField(), cause.getMessage());
  }

  /** The API server's own message. */
  static String words(KubernetesClientException e) {
    return e.getStatus() == null || e.getStatus().getMessage() == null
        ? String.valueOf(e.getMessage())
        : e.getStatus().getMessage();
  }

  /** A kind that was defined just now is served a moment later. */
  private void create(ManifestObject object) {
    long end = System.nanoTime() + SERVED.toNanos();
    while (true) {
      try {
        objects.apply(object, Write.DONE, Conflicts.REFUSED);
        return;
      } catch (KubernetesClientException e) {
        boolean isUnserved = e.getCode() == NOT_FOUND && object.kind() == ObjectKind.GATEWAY;
        if (!isUnserved || System.nanoTime() >= end || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos(STEP.toNanos());
      }
    }
  }

  /**
   * Does it.
   *
   * @throws KubernetesClientException when the API server refuses
   */
  public void apply(Change change) {
    switch (change) {
      case Change.Create create -> create(create.object());
      case Change.Update update -> objects.apply(update.object(), Write.DONE, Conflicts.REFUSED);
      case Change.Conflict conflict ->
          objects.apply(conflict.object(), Write.DONE, Conflicts.TAKEN_OVER);
      case Change.Delete delete -> objects.delete(delete.object());
      case Change.Unchanged _, Change.LeftAlone _, Change.Refused _ -> {}
    }
  }
}
