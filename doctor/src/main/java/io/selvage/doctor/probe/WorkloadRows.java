package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

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
      for (List<ProbeTarget> some : groups()) {
        sent.add(
            threads.submit(
                () -> {
                  to(some);
                  return some;
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

  /** As large as the callers like them, and as many as are asked at once where that is more. */
  private List<List<ProbeTarget>> groups() {
    int even = Math.ceilDiv(targets.size(), AT_ONCE);
    int size = Math.max(1, Math.min(outside.together(), even));
    return IntStream.iterate(0, from -> from < targets.size(), from -> from + size)
        .mapToObj(from -> targets.subList(from, Math.min(from + size, targets.size())))
        .toList();
  }

  private void to(List<ProbeTarget> some) throws InterruptedException {
    request(Purpose.PLAINTEXT, outside, some);
    if (inside.isPresent()) {
      request(Purpose.MESH_IDENTITY, inside.get(), some);
    } else {
      some.forEach(target -> notSent(Purpose.MESH_IDENTITY, "the mesh", target, without));
    }
    List<Look<Handshake.Served>> served = handshakes(some);
    for (int i = 0; i < some.size(); i++) {
      ProbeTarget target = some.get(i);
      rows.add(
          new Handshake(
              new Handshake.Target(
                  Handshake.Purpose.WORKLOAD, target.namespace(), target.pod(), target.port()),
              "",
              ServedChain.ALPN,
              served.get(i)));
    }
  }

  private List<Look<Handshake.Served>> handshakes(List<ProbeTarget> some)
      throws InterruptedException {
    try {
      return outside.handshakes(some);
    } catch (ProbeFailed e) {
      return Collections.nCopies(some.size(), e.look());
    }
  }

  private void request(Purpose purpose, Asker caller, List<ProbeTarget> some)
      throws InterruptedException {
    try {
      List<CurlAnswer> answers =
          caller.getAll(some.stream().map(target -> caller.url(target, "/")).toList());
      for (int i = 0; i < some.size(); i++) {
        rows.add(some.get(i).outcome(purpose, caller.name(), "GET /", answers.get(i), Map.of()));
      }
    } catch (ProbeFailed e) {
      some.forEach(target -> notSent(purpose, caller.name(), target, e));
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
