package io.selvage.doctor.kubernetes.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.probe.Asker;
import io.selvage.doctor.probe.CurlAnswer;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.ProbeTarget;
import io.selvage.doctor.probe.Ran;
import io.selvage.doctor.probe.ServedChain;
import java.util.List;

/**
 * A Pod of the private namespace that asks.
 *
 * @param pod its name
 */
record Caller(ProbeNamespace namespace, String pod, String name) implements Asker {
  /** More would be for nothing, and would be lost together when one is cut off. */
  private static final int TOGETHER = 25;

  static Caller outside(ProbeNamespace namespace) {
    return new Caller(namespace, ProbeNamespace.OUTSIDE, "outside");
  }

  static Caller inside(ProbeNamespace namespace) {
    return new Caller(
        namespace, ProbeNamespace.CALLER, namespace.name() + "/" + ProbeNamespace.CALLER);
  }

  @Override
  public CurlAnswer get(String url, String... headers) throws ProbeFailed, InterruptedException {
    return CurlAnswer.of(namespace.exec(pod, CurlAnswer.line(url, headers)));
  }

  @Override
  public int together() {
    return TOGETHER;
  }

  @Override
  public List<CurlAnswer> getAll(List<String> urls) throws ProbeFailed, InterruptedException {
    return namespace.execAll(pod, CurlAnswer.command(), urls).stream().map(CurlAnswer::of).toList();
  }

  @Override
  public List<Look<Handshake.Served>> handshakes(List<ProbeTarget> targets)
      throws ProbeFailed, InterruptedException {
    List<String> addresses =
        targets.stream().map(target -> target.address() + ":" + target.port()).toList();
    return namespace.execAll(pod, ServedChain.COMMAND, addresses).stream()
        .map(ran -> ServedChain.of(ran.out(), ran.err()))
        .toList();
  }

  @Override
  public Look<Handshake.Served> handshake(String address, int port)
      throws ProbeFailed, InterruptedException {
    Ran ran = namespace.exec(pod, ServedChain.line(address, port));
    return ServedChain.of(ran.out(), ran.err());
  }
}
