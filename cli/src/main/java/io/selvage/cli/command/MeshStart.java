package io.selvage.cli.command;

import io.selvage.cli.mesh.LiveParts;
import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.mesh.MeshPlan;
import io.selvage.cli.mesh.PlaneParts;
import io.selvage.cli.mesh.Planes;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Starts a mesh on this machine, and has it stopped when the process is asked to end. */
final class MeshStart {

  private MeshStart() {}

  /** The way that works here. */
  static Isolation isolation() {
    return Isolation.detect(
        new ProcessCommands(), System.getenv().containsKey(Isolation.INSIDE_USER_NAMESPACE));
  }

  /** The planes' parts, with token keys fetched by the rules that keep private addresses out. */
  static PlaneParts parts() {
    try {
      return new LiveParts(
          new GuardedFetch(
              AddressRules.PUBLIC_ONLY, InetAddress::getAllByName, SSLContext.getDefault()),
          InstantSource.system(),
          new SecureRandom());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default TLS context", e);
    }
  }

  static Mesh start(MeshPlan plan, Isolation isolation, Planes.Maker planes)
      throws IOException, InterruptedException {
    var mesh =
        Mesh.start(
            plan,
            new Mesh.Surroundings(
                new ProcessCommands(),
                isolation,
                MeshChoice.directory(),
                planes,
                Optional.ofNullable(System.getenv("SELVAGE_LAUNCHER")).map(Path::of),
                InstantSource.system(),
                new SecureRandom()));
    Runtime.getRuntime().addShutdownHook(new Thread(mesh::close, "selvage-stop"));
    return mesh;
  }
}
