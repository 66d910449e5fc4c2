package io.selvage.doctor.kubernetes.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.probe.CurlAnswer;
import io.selvage.doctor.probe.ServedChain;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A Pod of the private namespace that asks.
 *
 * @param pod its name
 * @param name as outcomes call it: {@code outside}, or {@code namespace/serviceaccount}
 */
record Caller(ProbeNamespace namespace, String pod, String name) {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration STEP = Duration.ofMillis(150);

  static Caller outside(ProbeNamespace namespace) {
    return new Caller(namespace, ProbeNamespace.OUTSIDE, "outside");
  }

  static Caller inside(ProbeNamespace namespace) {
    return new Caller(
        namespace, ProbeNamespace.CALLER, namespace.name() + "/" + ProbeNamespace.CALLER);
  }

  /** Sends a GET. */
  CurlAnswer get(String url, String... headers) throws ProbeFailed, InterruptedException {
    PodExec.Ran ran = namespace.exec(pod, CurlAnswer.line(url, headers));
    return CurlAnswer.of(ran.exit(), ran.out(), ran.err());
  }

  /** Sends a GET until it is answered as {@code wanted}, for a while; gives the last answer. */
  CurlAnswer getUntil(String url, Predicate<CurlAnswer> wanted)
      throws ProbeFailed, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    CurlAnswer answer = get(url);
    while (!wanted.test(answer) && System.nanoTime() < end) {
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
      answer = get(url);
    }
    return answer;
  }

  /** Makes a TLS handshake without a certificate of its own. */
  Look<Handshake.Served> handshake(String address, int port)
      throws ProbeFailed, InterruptedException {
    PodExec.Ran ran = namespace.exec(pod, ServedChain.line(address, port));
    return ServedChain.of(ran.out(), ran.err());
  }
}
