package io.selvage.cli.mesh;

import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.control.source.ConfigSource;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A source of configuration with the Services added that {@code workloads.yaml} implies. */
final class DeclaredWithWorkloads implements ConfigSource {

  private final ConfigSource source;
  private final List<WorkloadSpec> workloads;

  DeclaredWithWorkloads(ConfigSource source, List<WorkloadSpec> workloads) {
    this.source = source;
    this.workloads = List.copyOf(workloads);
  }

  @Override
  public void start(Consumer<MeshSnapshot> listener) throws IOException {
    source.start(snapshot -> listener.accept(completed(snapshot)));
  }

  private MeshSnapshot completed(MeshSnapshot snapshot) {
    List<Resource> all = new ArrayList<>(snapshot.resources());
    all.addAll(WorkloadResources.missing(workloads, snapshot));
    return MeshSnapshot.of(snapshot.generation(), all, snapshot.problems());
  }

  @Override
  public void close() {
    source.close();
  }
}
