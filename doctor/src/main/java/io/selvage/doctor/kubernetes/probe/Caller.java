package io.selvage.doctor.kubernetes.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.probe.Asker;
import io.selvage.doctor.probe.CurlAnswer;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.ServedChain;

/**
 * A Pod of the private namespace that asks.
 *
 * @param pod its name
 */
record Caller(ProbeNamespace namespace, String pod, String name) implements Asker {
  static Caller outside(ProbeNamespace namespace) {
    return new Caller(namespace, ProbeNamespace.OUTSIDE, "outside");
  }

  static Caller inside(ProbeNamespace namespace) {
    return new Caller(
        namespace, ProbeNamespace.CALLER, namespace.name() + "/" + ProbeNamespace.CALLER);
  }

  @Override
  public CurlAnswer get(String url, String... headers) throws ProbeFailed, InterruptedException {
    PodExec.Ran ran = namespace.exec(pod, CurlAnswer.line(url, headers));
    return CurlAnswer.of(ran.exit(), ran.out(), ran.err());
  }

  @Override
  public Look<Handshake.Served> handshake(String address, int port)
      throws ProbeFailed, InterruptedException {
    PodExec.Ran ran = namespace.exec(pod, ServedChain.line(address, port));
    return ServedChain.of(ran.out(), ran.err());
  }
}
