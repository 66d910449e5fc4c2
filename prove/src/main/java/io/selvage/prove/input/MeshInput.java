package io.selvage.prove.input;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PodTemplate;
import io.selvage.model.PolicyAssertions;
import io.selvage.model.Problem;
import io.selvage.model.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * What texts of one cluster's configuration say.
 *
 * @param problems also those that only warn; with an error among them nothing may be proved
 */
public record MeshInput(
    List<Resource> resources,
    List<PodTemplate> templates,
    List<PolicyAssertions> assertions,
    List<Problem> problems) {

  /** Nothing. */
  public static final MeshInput NOTHING = new MeshInput(List.of(), List.of(), List.of(), List.of());

  public MeshInput {
    resources = List.copyOf(resources);
    templates = List.copyOf(templates);
    assertions = List.copyOf(assertions);
    problems = List.copyOf(problems);
  }

  /** Both, this first. */
  public MeshInput and(MeshInput other) {
    return new MeshInput(
        joined(resources, other.resources),
        joined(templates, other.templates),
        joined(assertions, other.assertions),
        joined(problems, other.problems));
  }

  /** As the enforcer takes it; its problems are those between resources. */
  public MeshSnapshot snapshot() {
    return MeshSnapshot.of(1, resources, problems);
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    if (second.isEmpty()) {
      return first;
    }
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
