package io.selvage.doctor.local;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.local.LocalMesh.Container;
import io.selvage.doctor.probe.Asker;
import io.selvage.doctor.probe.CurlAnswer;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.ProbeTarget;
import io.selvage.doctor.probe.Ran;
import io.selvage.doctor.probe.ServedChain;
import java.io.IOException;
import java.util.List;

/**
 * Who asks in the mesh on this machine.
 *
 * @param through from whose network
 * @param own the address there, which nobody calls through a proxy from there
 * @param other whose network is used to call it
 */
record LocalAsker(
    LocalMesh mesh,
    String cluster,
    LocalMesh.Named through,
    String own,
    LocalMesh.Named other,
    Container container,
    String name)
    implements Asker {
  private static final int NOT_FOUND = 127;

  /** Without an identity: through no proxy, out of the network of one of two workloads. */
  static Asker outside(
      LocalMesh mesh, String cluster, LocalMesh.Named through, String own, LocalMesh.Named other) {
    return new LocalAsker(mesh, cluster, through, own, other, Container.PROXY, "outside");
  }

  /** As the workload. */
  static Asker inside(LocalMesh mesh, String cluster, LocalMesh.Named through, String name) {
    return new LocalAsker(mesh, cluster, through, "", through, Container.APPLICATION, name);
  }

  @Override
  public CurlAnswer get(String url, String... headers) throws ProbeFailed, InterruptedException {
    LocalMesh.Ran ran = run(through, CurlAnswer.line(url, headers));
    return CurlAnswer.of(new Ran(ran.exit(), ran.out(), ran.err()));
  }

  @Override
  public Look<Handshake.Served> handshake(String address, int port)
      throws ProbeFailed, InterruptedException {
    LocalMesh.Ran ran = run(address.equals(own) ? other : through, ServedChain.line(address, port));
    return ServedChain.of(ran.out(), ran.err());
  }

  /** Who is outside of the mesh may have nobody to resolve names for it. */
  @Override
  public String url(ProbeTarget target, String path) {
    return container == Container.PROXY
        ? "http://%s:%d%s".formatted(target.address(), target.port(), path)
        : Asker.super.url(target, path);
  }

  private LocalMesh.Ran run(LocalMesh.Named from, List<String> line)
      throws ProbeFailed, InterruptedException {
    try {
      LocalMesh.Ran ran = mesh.run(cluster, from, container, line);
      if (ran.exit() == NOT_FOUND) {
        throw new ProbeFailed("%s is not installed here".formatted(line.getFirst()));
      }
      return ran;
    } catch (IOException e) {
      throw new ProbeFailed(
          "%s as %s/%s: %s"
              .formatted(line.getFirst(), from.namespace(), from.name(), e.getMessage()));
    }
  }
}
