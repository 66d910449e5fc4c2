package io.selvage.cli.mesh;

import io.selvage.cli.workloads.WorkloadResources;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.control.source.ConfigSource;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A source of configuration with the Services added that {@code workloads.yaml} implies, which
 * change with the workloads, and with what is declared for {@link Guests}.
 */
final class DeclaredWithWorkloads implements ConfigSource {

  private final ConfigSource source;
  private final Consumer<MeshSnapshot> observer;
  private List<WorkloadSpec> workloads;
  private Consumer<MeshSnapshot> listener = _ -> {};
  private MeshSnapshot declared = MeshSnapshot.EMPTY;
  private List<Resource> implied = List.of();
  private List<Resource> guests = List.of();
  private long generation;
  private boolean closed;

  /**
   * @param observer told of each snapshot before the listener
   */
  DeclaredWithWorkloads(
      ConfigSource source, List<WorkloadSpec> workloads, Consumer<MeshSnapshot> observer) {
    this.source = source;
    this.workloads = List.copyOf(workloads);
    this.observer = observer;
  }

  @Override
  public void start(Consumer<MeshSnapshot> listener) throws IOException {
    synchronized (this) {
      this.listener = listener;
    }
    source.start(this::declared);
  }

  private synchronized void declared(MeshSnapshot snapshot) {
    declared = snapshot;
    handOut();
  }

  /** Takes other workloads; what they imply is handed out before this returns, if it differs. */
  synchronized void workloads(List<WorkloadSpec> next) {
    workloads = List.copyOf(next);
    if (!WorkloadResources.missing(workloads, declared).equals(implied)) {
      handOut();
    }
  }

  /** Takes what is declared for guests; it is handed out before this returns, if it differs. */
  synchronized void guests(List<Resource> next) {
    if (!next.equals(guests)) {
      guests = List.copyOf(next);
      handOut();
    }
  }

  private void handOut() {
    if (closed) {
      return;
    }
    implied = WorkloadResources.missing(workloads, declared);
    List<Resource> all = new ArrayList<>(declared.resources());
    all.addAll(implied);
    all.addAll(guests);
    var completed = MeshSnapshot.of(++generation, all, declared.problems());
    observer.accept(completed);
    listener.accept(completed);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    source.close();
  }
}
