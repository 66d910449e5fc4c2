package io.selvage.cli.prove;

import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.prove.input.MeshInput;
import java.util.List;

/**
 * One cluster of a side.
 *
 * @param name empty when the side has only one and nobody named it
 * @param specs the workloads that a {@code workloads.yaml} lists
 */
public record ClusterInput(String name, MeshInput input, List<WorkloadSpec> specs) {
  public ClusterInput {
    specs = List.copyOf(specs);
  }
}
