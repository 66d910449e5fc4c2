package io.selvage.doctor.fix;

import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Result;
import io.selvage.doctor.fix.ClusterHand.Write;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a fix would come to, as the API server says: nothing has been changed yet.
 *
 * @param context of the cluster
 * @param code of the check that offers it
 * @param needs whose yes it takes
 * @param before the object as it is; empty when there is none, or nothing is touched
 * @param after as it would be; empty when it goes, or nothing is touched
 * @param refusal why it is not done; empty when it can be
 */
public record FixPlan(
    String context,
    String code,
    Fix fix,
    FixClass needs,
    Optional<ObjectNode> before,
    Optional<ObjectNode> after,
    Optional<String> refusal) {
  /** What changes traffic, rights or trust is never done by a bare {@code --fix}. */
  private static final Set<String> SAFE_KINDS =
      Set.of("ConfigMap istio-ca-root-cert", "Deployment", "StatefulSet", "DaemonSet");

  /**
   * Tries the fix of a result.
   *
   * @param declared what the catalogue says of the check
   * @return empty when the result offers none
   */
  public static Optional<FixPlan> of(ClusterHand cluster, Result result, FixClass declared) {
    return result
        .fix()
        .map(fix -> tried(cluster, result.context().orElse(""), result.code(), fix, declared));
  }

  private static FixPlan tried(
      ClusterHand cluster, String context, String code, Fix fix, FixClass declared) {
    var draft =
        new FixPlan(
            context,
            code,
            fix,
            needs(fix, declared),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    try {
      return switch (fix) {
        case Fix.Patch patch -> draft.patched(cluster, patch);
        case Fix.Apply apply -> draft.applied(cluster, apply);
        case Fix.Delete delete -> draft.deleted(cluster, delete);
        case Fix.Restart restart -> draft.restarted(cluster, restart);
        case Fix.Command _ -> draft;
      };
    } catch (FixFailed e) {
      return draft.refused(String.valueOf(e.getMessage()));
    }
  }

  private FixPlan patched(ClusterHand cluster, Fix.Patch patch) throws FixFailed {
    Optional<ObjectNode> is = cluster.read(patch.apiVersion(), patch.object());
    if (is.isEmpty()) {
      return refused(patch.object() + " is not there any more");
    }
    return judged(is, cluster.patch(patch, Write.TRIED));
  }

  private FixPlan applied(ClusterHand cluster, Fix.Apply apply) throws FixFailed {
    ObjectNode object = (ObjectNode) apply.object();
    Optional<ObjectNode> is =
        cluster.read(object.path("apiVersion").asString(""), reference(object));
    return judged(is, cluster.apply(object, Write.TRIED));
  }

  private FixPlan judged(Optional<ObjectNode> is, ObjectNode then) {
    return with(is, Optional.of(then), Loosening.ofChange(is, then));
  }

  private FixPlan deleted(ClusterHand cluster, Fix.Delete delete) throws FixFailed {
    Optional<ObjectNode> is = cluster.read(delete.apiVersion(), delete.object());
    if (is.isEmpty()) {
      return refused(delete.object() + " is gone already");
    }
    cluster.delete(is.get(), Write.TRIED);
    return with(is, Optional.empty(), Loosening.ofDeletion(is.get()));
  }

  private FixPlan restarted(ClusterHand cluster, Fix.Restart restart) throws FixFailed {
    Optional<ObjectNode> is = cluster.read("apps/v1", restart.workload());
    if (is.isEmpty()) {
      return refused(restart.workload() + " is not there any more");
    }
    return with(
        is, Optional.of(cluster.restart(restart.workload(), Write.TRIED)), Optional.empty());
  }

  private FixPlan refused(String why) {
    return with(before, after, Optional.of(why));
  }

  private FixPlan with(
      Optional<ObjectNode> is, Optional<ObjectNode> then, Optional<String> refused) {
    return new FixPlan(context, code, fix, needs, is, then, refused);
  }

  /** The stricter of what the catalogue says and what the object is. */
  private static FixClass needs(Fix fix, FixClass declared) {
    FixClass own =
        switch (fix) {
          case Fix.Patch patch -> own(patch.object());
          case Fix.Apply apply -> own(reference((ObjectNode) apply.object()));
          case Fix.Delete delete -> own(delete.object());
          case Fix.Restart restart -> own(restart.workload());
          case Fix.Command _ -> FixClass.PRINTED;
        };
    return own == FixClass.SAFE && declared != FixClass.SAFE && declared != FixClass.EXPLAINED
        ? declared
        : own;
  }

  private static FixClass own(ObjectRef object) {
    return SAFE_KINDS.contains(object.kind())
            || SAFE_KINDS.contains(object.kind() + " " + object.name())
        ? FixClass.SAFE
        : FixClass.CONSENTED;
  }

  static ObjectRef reference(ObjectNode object) {
    return new ObjectRef(
        object.path("kind").asString(""),
        object.at("/metadata/namespace").asString(""),
        object.at("/metadata/name").asString(""));
  }

  /** The object that it touches; empty for a command. */
  public Optional<ObjectRef> object() {
    return Stream.of(before, after).flatMap(Optional::stream).findFirst().map(FixPlan::reference);
  }

  /** What changes, line by line: {@code - path: value}, {@code + path: value}. */
  public List<String> diff() {
    ObjectNode nothing = JsonMapper.shared().createObjectNode();
    return Difference.between(before.orElse(nothing), after.orElse(nothing)).stream()
        .flatMap(difference -> difference.lines().stream())
        .toList();
  }
}
