package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.mesh.LiveParts;
import io.selvage.cli.mesh.LocalPlanes;
import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.mesh.MeshEvent;
import io.selvage.cli.mesh.MeshPlan;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import io.selvage.control.jwks.KeyFetch;
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

  private static final String NAME = "[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?";

  private MeshStart() {}

  /** Refuses a name that could not be part of a namespace's or a file's. */
  static void checkName(String option, String name) {
    if (!name.matches(NAME)) {
      throw new UserError(
          ExitCode.USAGE,
          option + " `" + name + "`: use up to 32 lower-case letters, digits and dashes");
    }
  }

  /** The way that works here, or that the user wants. */
  static Isolation isolation() {
    return Isolation.detect(new ProcessCommands(), System.getenv());
  }

  /**
   * Starts the mesh of {@code plan}.
   *
   * @param cas where the CAs of its clusters keep their state
   */
  static Mesh start(MeshPlan plan, Isolation isolation, Path cas, MeshEvent.Listener events)
      throws IOException, InterruptedException {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var directory = MeshChoice.directory();
    Path logs = Mesh.logs(directory, plan.name());
    var mesh =
        new Mesh(
            plan,
            new Mesh.Surroundings(
                new ProcessCommands(),
                isolation,
                directory,
                (p, told) ->
                    LocalPlanes.start(
                        p, new LiveParts(keys(), logs, clock, random), cas, clock, random, told),
                Optional.ofNullable(System.getenv("SELVAGE_LAUNCHER")).map(Path::of),
                events,
                clock,
                random));
    Runtime.getRuntime().addShutdownHook(new Thread(mesh::close, "selvage-stop"));
    mesh.start();
    return mesh;
  }

  /** Token keys are fetched by the rules that keep private addresses out. */
  static KeyFetch keys() {
    try {
      return new GuardedFetch(
          AddressRules.PUBLIC_ONLY, InetAddress::getAllByName, SSLContext.getDefault());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default TLS context", e);
    }
  }
}
