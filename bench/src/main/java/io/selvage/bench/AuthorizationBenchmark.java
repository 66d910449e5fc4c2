package io.selvage.bench;

import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.Decision;
import io.selvage.policy.ReferenceEvaluator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one authorization decision costs, what a handshake pays to prepare for them, and what a push
 * of policies pays, by the number of policies. About half of the requests hit a rule.
 */
@SuppressWarnings("NullAway.Init") // JMH sets the parameters, then calls prepare()
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AuthorizationBenchmark {
  /** How many policies the workload has, a rule each. */
  @Param({"1", "100", "1000", "10000"})
  public int policies;

  /** What tells the policies apart. */
  @Param({
    "PEERS",
    "PATHS",
    "TEMPLATES",
    "HOSTS_AND_HEADERS",
    "TOKENS",
    "CLIENT_ADDRESSES",
    "VALUES",
    "NEGATIONS"
  })
  public PolicyWorkload.Shape shape;

  private PolicyWorkload workload;
  private CompiledAuthorization compiled;
  private ConnectionAuthorization[] connections;
  private PlainRequest[] requests;
  private int next;

  /** Makes policies and requests, and checks each decision against the reference. */
  @Setup
  public void prepare() {
    workload = new PolicyWorkload(shape, policies);
    compiled = CompiledAuthorization.compile(workload.authorization());
    requests = workload.requests();
    connections = new ConnectionAuthorization[requests.length];
    for (int i = 0; i < requests.length; i++) {
      connections[i] = compiled.onConnection(workload.connection(i));
      Decision expected =
          ReferenceEvaluator.decide(workload.authorization(), workload.connection(i), requests[i])
              .decision();
      if (!connections[i].decide(requests[i]).equals(expected)) {
        throw new IllegalStateException("index and reference differ on request " + i);
      }
    }
  }

  /** One decision of the index. */
  @Benchmark
  public Decision decide() {
    int i = next++ & (requests.length - 1);
    return connections[i].decide(requests[i]);
  }

  /** What a handshake pays. */
  @Benchmark
  public @Nullable Decision onConnection() {
    int i = next++ & (requests.length - 1);
    return compiled.onConnection(workload.connection(i)).decidedByConnection();
  }

  /** What a push of policies pays. */
  @Benchmark
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public CompiledAuthorization compile() {
    Authorization authorization = workload.authorization();
    return CompiledAuthorization.compile(authorization);
  }
}
