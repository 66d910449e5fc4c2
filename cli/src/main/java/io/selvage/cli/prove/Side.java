package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.workloads.WorkloadResources;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PodTemplate;
import io.selvage.model.PolicyAssertions;
import io.selvage.model.Problem;
import io.selvage.model.Resource;
import io.selvage.prove.Mesh;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.input.Inventory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One side, understood whole.
 *
 * @param assertions that stand among the resources
 * @param warnings what does something else than its author may think
 */
public record Side(Mesh mesh, List<PolicyAssertions> assertions, List<Problem> warnings) {
  private static final int SHOWN = 20;

  public Side {
    assertions = List.copyOf(assertions);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a side as it is now.
   *
   * @throws UserError when a part of it can't be understood: nothing may be proved without it
   */
  public static Side read(SideSource source) {
    Map<String, MeshSnapshot> snapshots = new LinkedHashMap<>();
    List<ProvedWorkload> workloads = new ArrayList<>();
    List<PolicyAssertions> assertions = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (ClusterInput cluster : source.read()) {
      MeshSnapshot snapshot = snapshot(cluster);
      snapshots.put(cluster.name(), snapshot);
      List<PodTemplate> templates = new ArrayList<>(cluster.input().templates());
      cluster.specs().forEach(spec -> templates.add(WorkloadResources.podTemplate(spec)));
      workloads.addAll(Inventory.of(cluster.name(), snapshot, templates));
      cluster.input().assertions().stream()
          .filter(one -> !assertions.contains(one))
          .forEach(assertions::add);
      snapshot.problems().stream().filter(p -> !problems.contains(p)).forEach(problems::add);
    }
    refuse(source, problems);
    return new Side(
        new Mesh(source.label(), snapshots, workloads),
        assertions,
        problems.stream().filter(p -> p.severity() == Problem.Severity.WARNING).toList());
  }

  private static MeshSnapshot snapshot(ClusterInput cluster) {
    MeshSnapshot declared = cluster.input().snapshot();
    List<Resource> implied = WorkloadResources.missing(cluster.specs(), declared);
    if (implied.isEmpty()) {
      return declared;
    }
    List<Resource> all = new ArrayList<>(declared.resources());
    all.addAll(implied);
    return MeshSnapshot.of(1, all, cluster.input().problems());
  }

  private static void refuse(SideSource source, List<Problem> problems) {
    List<Problem> errors = problems.stream().filter(Problem::isError).toList();
    if (errors.isEmpty()) {
      return;
    }
    String more = errors.size() > SHOWN ? "\n  and %d more".formatted(errors.size() - SHOWN) : "";
    throw new UserError(
        ExitCode.USAGE,
        errors.stream()
            .limit(SHOWN)
            .map(problem -> "\n  " + problem.code() + " " + problem.render())
            .collect(
                Collectors.joining(
                    "",
                    "%s cannot be understood whole, so nothing is proved of it"
                        .formatted(source.label()),
                    more)));
  }
}
