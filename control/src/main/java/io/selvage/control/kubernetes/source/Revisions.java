package io.selvage.control.kubernetes.source;

import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.RevisionTags;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which of Istio's resources are meant for this control plane, where several share a cluster: those
 * without the label {@code istio.io/rev}, and those whose label is one of its names (<a
 * href="https://istio.io/latest/docs/reference/config/labels/#IoIstioRev">istio.io/rev</a>).
 *
 * @param names the control plane's; none: every resource is meant for it
 */
public record Revisions(Set<String> names) {
  /** Of a resource: the control plane that it is meant for. */
  public static final String LABEL = InjectionPolicy.REVISION_LABEL;

  /** A resource is meant for another control plane, and is not in force here. */
  public static final String ELSEWHERE = "SLV7225";

  /** For whom every resource is meant. */
  public static final Revisions EVERY = new Revisions(Set.of());

  public Revisions {
    names = Set.copyOf(names);
  }

  /**
   * Of a Selvage in a cluster.
   *
   * @param tags what it is called besides
   * @param istioLabels whether what is meant for Istio's default control plane is meant for it
   */
  public static Revisions of(Collection<String> tags, boolean istioLabels) {
    return new Revisions(RevisionTags.heard(tags, istioLabels));
  }

  /**
   * What is to be told of a resource that is meant for another control plane; empty: it is meant
   * for this one.
   *
   * @param what it is, as {@code AuthorizationPolicy pay/deny-x}
   * @param labels its own
   */
  public Optional<Problem> elsewhere(String what, Map<String, String> labels) {
    String revision = labels.get(LABEL);
    if (revision == null || names.isEmpty() || names.contains(revision)) {
      return Optional.empty();
    }
    return Optional.of(
        Problem.warning(
            ELSEWHERE,
            new SourceLocation(what, 0, 0),
            "metadata.labels[\"" + LABEL + "\"]",
            "it is meant for the control plane \"%s\" and not in force here, where they are %s"
                .formatted(revision, String.join(", ", new TreeSet<>(names)))));
  }
}
