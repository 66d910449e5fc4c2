package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.probe.Asker;
import io.selvage.doctor.probe.CurlAnswer;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.Ran;
import io.selvage.doctor.probe.ServedChain;
import io.selvage.doctor.view.PodView;

/** A user's own Pod that asks, by the curl that its first container has. */
record OwnPod(PodExec exec, String name) implements Asker {
  static OwnPod of(KubernetesClient client, PodView pod) throws ProbeFailed {
    String container =
        pod.programs()
            .map(program -> program.path("name").asString(""))
            .findFirst()
            .orElseThrow(() -> new ProbeFailed(pod.qualified() + " has no container but a proxy"));
    return new OwnPod(
        new PodExec(client, pod.namespace(), pod.name(), container),
        pod.namespace() + "/" + pod.serviceAccount());
  }

  @Override
  public CurlAnswer get(String url, String... headers) throws ProbeFailed, InterruptedException {
    return CurlAnswer.of(exec.run(CurlAnswer.line(url, headers)));
  }

  @Override
  public Look<Handshake.Served> handshake(String address, int port)
      throws ProbeFailed, InterruptedException {
    Ran ran = exec.run(ServedChain.line(address, port));
    return ServedChain.of(ran.out(), ran.err());
  }
}
