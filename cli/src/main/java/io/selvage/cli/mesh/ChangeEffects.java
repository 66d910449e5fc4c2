package io.selvage.cli.mesh;

import io.selvage.cli.prove.report.DiffText;
import io.selvage.cli.workloads.WorkloadResources;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.MeshSnapshot;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Prover;
import io.selvage.prove.input.Inventory;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what a new state of a cluster's configuration newly allows and denies, each with a request
 * that shows it. Proved beside the mesh: no policy waits for it.
 */
final class ChangeEffects implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeEffects.class);

  private final String prefix;
  private final MeshEvent.Listener events;
  private final Supplier<List<WorkloadSpec>> workloads;
  private final Prover prover = new Prover(Options.DEFAULT);
  private final ExecutorService worker;
  private MeshSnapshot last = MeshSnapshot.EMPTY;
  private boolean begun;

  /**
   * @param prefix what every line begins with: the cluster, when there are several
   * @param workloads those of the cluster, as they are now
   * @param worker proves; ended with this
   */
  ChangeEffects(
      String prefix,
      MeshEvent.Listener events,
      Supplier<List<WorkloadSpec>> workloads,
      ExecutorService worker) {
    this.worker = worker;
    this.prefix = prefix;
    this.events = events;
    this.workloads = workloads;
  }

  /** One thread, that no end of the process waits for. */
  static ExecutorService worker() {
    return Executors.newSingleThreadExecutor(
        Thread.ofPlatform().daemon().name("selvage-prove").factory());
  }

  /** The next state; of the first nothing is told. */
  synchronized void taken(MeshSnapshot next) {
    MeshSnapshot before = last;
    last = next;
    if (!begun) {
      begun = true;
      return;
    }
    List<WorkloadSpec> running = workloads.get();
    try {
      worker.execute(() -> tell(before, next, running));
    } catch (RejectedExecutionException e) {
      LOG.debug("{}the mesh has ended", prefix);
    }
  }

  private void tell(MeshSnapshot before, MeshSnapshot next, List<WorkloadSpec> running) {
    try {
      Mesh base = mesh("before", before, running);
      Mesh head = mesh("now", next, running);
      DiffReport report = prover.diff(base, head);
      DiffText.brief(report, base, head)
          .forEach(line -> events.note(prefix + "configuration " + next.generation() + line));
    } catch (RuntimeException e) {
      LOG.warn("{}what configuration {} changes is not known: {}", prefix, next.generation(), e);
    }
  }

  private static Mesh mesh(String name, MeshSnapshot snapshot, List<WorkloadSpec> running) {
    return Mesh.of(
        name,
        snapshot,
        Inventory.of("", snapshot, running.stream().map(WorkloadResources::podTemplate).toList()));
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
