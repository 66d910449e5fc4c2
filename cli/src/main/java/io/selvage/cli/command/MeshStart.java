package io.selvage.cli.command;

import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.mesh.MeshPlan;
import io.selvage.cli.mesh.Planes;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.ProcessCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** Starts a mesh on this machine, and has it stopped when the process is asked to end. */
final class MeshStart {

  private MeshStart() {}

  /** The way that works here. */
  static Isolation isolation() {
    return Isolation.detect(
        new ProcessCommands(), System.getenv().containsKey(Isolation.INSIDE_USER_NAMESPACE));
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
