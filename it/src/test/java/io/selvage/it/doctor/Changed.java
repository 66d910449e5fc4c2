package io.selvage.it.doctor;

import io.selvage.it.cluster.Kubectl;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** An object of a cluster that is changed or taken away, and given back as it was. */
final class Changed {
  private static final List<String> SERVERS =
      List.of("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation");

  private final String[] object;
  private @Nullable ObjectNode before;
  private boolean isGone;

  /** Of the one that {@code kubectl get ARGUMENTS} gives. */
  Changed(String... object) {
    this.object = object;
  }

  /** Changes it. */
  void change(Kubectl kubectl, Consumer<ObjectNode> change) {
    ObjectNode changed = keep(kubectl).deepCopy();
    change.accept(changed);
    kubectl.replace(changed.toString());
  }

  /** Takes it away. */
  void remove(Kubectl kubectl) {
    kubectl.delete(keep(kubectl).toString());
    isGone = true;
  }

  private ObjectNode keep(Kubectl kubectl) {
    ObjectNode now = (ObjectNode) kubectl.get(object);
    now.withObject("/metadata").remove(SERVERS);
    before = now;
    isGone = false;
    return now;
  }

  /** Gives it back, if it was touched. */
  void restore(Kubectl kubectl) {
    if (before == null) {
      return;
    }
    if (isGone) {
      kubectl.applyServerSide(before.toString()); // a definition is too long to be noted in itself
    } else {
      kubectl.replace(before.toString());
    }
  }
}
