package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The differential probe of users' workloads: the same request from outside of the mesh and with an
 * identity of it. Only the pair shows that plaintext is refused, and not that a server is down.
 */
public final class WorkloadRows {
  private static final int AT_ONCE = 8;

  private final List<ProbeTarget> targets;
  private final Asker outside;
  private final Optional<Asker> inside;
  private final ProbeFailed without;
  private final Rows rows;

  /**
   * To some ports.
   *
   * @param inside empty when nobody has an identity of the mesh
   * @param without why nobody has
   */
  public WorkloadRows(
      List<ProbeTarget> targets,
      Asker outside,
      Optional<Asker> inside,
      ProbeFailed without,
      Rows rows) {
    this.targets = targets;
    this.outside = outside;
    this.inside = inside;
    this.without = without;
    this.rows = rows;
  }

  /** Sends them, some at once. */
  public void send() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory());
    try {
      List<Future<?>> sent = new ArrayList<>();
      for (ProbeTarget target : targets) {
        sent.add(
            threads.submit(
                () -> {
                  to(target);
                  return target;
                }));
      }
      for (Future<?> one : sent) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a probe failed in a way that is not foreseen", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private void to(ProbeTarget target) throws InterruptedException {
    request(Purpose.PLAINTEXT, outside, target);
    if (inside.isPresent()) {
      request(Purpose.MESH_IDENTITY, inside.get(), target);
    } else {
      notSent(Purpose.MESH_IDENTITY, "the mesh", target, without);
    }
    rows.add(
        new Handshake(
            new Handshake.Target(
                Handshake.Purpose.WORKLOAD, target.namespace(), target.pod(), target.port()),
            "",
            ServedChain.ALPN,
            handshake(target)));
  }

  private Look<Handshake.Served> handshake(ProbeTarget target) throws InterruptedException {
    try {
      return outside.handshake(target.address(), target.port());
    } catch (ProbeFailed e) {
      return e.look();
    }
  }

  private void request(Purpose purpose, Asker caller, ProbeTarget target)
      throws InterruptedException {
    try {
      rows.add(
          target.outcome(
              purpose, caller.name(), "GET /", caller.get(caller.url(target, "/")), Map.of()));
    } catch (ProbeFailed e) {
      notSent(purpose, caller.name(), target, e);
    }
  }

  private void notSent(Purpose purpose, String from, ProbeTarget target, ProbeFailed why) {
    rows.notSent(
        purpose,
        from,
        new ProbeOutcome.Target(target.namespace(), target.workload()),
        target.port(),
        "GET /",
        why);
  }
}
