package io.selvage.bench;

import com.sun.management.ThreadMXBean;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.Decision;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * The costs of {@link AuthorizationBenchmark} in CPU time of the thread, and the bytes a decision
 * allocates: what can be told on a machine that does other work too. Prints one line for each shape
 * and number of policies; the best of several rounds, since noise only adds.
 */
final class AuthorizationCost {
  private static final int ROUNDS = 12;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Keeps results alive, so that nothing is optimised away. */
  private static int sink;

  private AuthorizationCost() {}

  public static void main(String[] args) {
    for (PolicyWorkload.Shape shape : PolicyWorkload.Shape.values()) {
      for (int policies : new int[] {1, 100, 1_000, 10_000}) {
        measure(shape, policies);
      }
    }
  }

  private static void measure(PolicyWorkload.Shape shape, int policies) {
    PolicyWorkload workload = new PolicyWorkload(shape, policies);
    CompiledAuthorization compiled = CompiledAuthorization.compile(workload.authorization());
    PlainRequest[] requests = workload.requests();
    ConnectionAuthorization[] connections = new ConnectionAuthorization[requests.length];
    for (int i = 0; i < requests.length; i++) {
      connections[i] = compiled.onConnection(workload.connection(i));
    }
    int mask = requests.length - 1;
    IntConsumer decide =
        i -> {
          Decision decision = connections[i & mask].decide(requests[i & mask]);
          sink += decision.verdict() == Decision.Verdict.ALLOW ? 1 : 0;
        };
    double decided = nanos(400_000, decide);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 400_000; i++) {
      decide.accept(i);
    }
    double allocated = (THREADS.getCurrentThreadAllocatedBytes() - before) / 400_000.0;
    double handshake =
        nanos(
            50_000,
            i -> sink += compiled.onConnection(workload.connection(i & mask)).hasNotes() ? 1 : 0);
    double push =
        nanos(
            1,
            _ ->
                sink +=
                    CompiledAuthorization.compile(workload.authorization())
                        .onConnection(workload.connection(0))
                        .hashCode());
    System.out.printf(
        Locale.ROOT,
        "%-18s %6d policies: decision %4.0f ns, %.1f bytes; handshake %4.0f ns; push %6.2f ms%n",
        shape,
        policies,
        decided,
        allocated,
        handshake,
        push / 1e6);
  }

  private static double nanos(int count, IntConsumer each) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < count; i++) {
        each.accept(i);
      }
      best = Math.min(best, (THREADS.getCurrentThreadCpuTime() - start) / (double) count);
    }
    return best;
  }
}
