package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.mesh.LocalPlanes;
import io.selvage.cli.mesh.MeshPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage up -f DIR}. */
@Command(
    name = "up",
    description = {
      "Run a mesh on this machine from a folder of Istio YAML and a workloads.yaml.",
      "Edits to the folder hold at once. Ctrl-C stops it and removes what it made."
    })
final class UpCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--folder"},
      paramLabel = "DIR",
      required = true,
      description = "The folder; examples/minimal is one.")
  private Path folder;

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      description = "The cluster's name, unless workloads.yaml lists clusters (${DEFAULT-VALUE}).")
  private String cluster = "local";

  @Option(names = "--name", paramLabel = "NAME", description = "The mesh's (${DEFAULT-VALUE}).")
  private String name = "mesh";

  @Override
  public Integer call() throws InterruptedException {
    Instant since = Instant.now();
    var isolation = MeshStart.isolation();
    var plan = MeshPlan.read(name, folder, cluster);
    Path cas = Path.of(System.getProperty("user.home", "."), ".selvage", "meshes", name, "ca");
    try {
      var _ =
          MeshStart.start(
              plan,
              isolation,
              p ->
                  LocalPlanes.start(
                      p, MeshStart.parts(), cas, InstantSource.system(), new SecureRandom()));
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the mesh does not start: " + e.getMessage());
    }
    var style = SelvageCommand.style(spec);
    SelvageCommand.print(
        spec,
        style.good(
            "mesh %s is up after %.1f s: %d workloads"
                .formatted(
                    name,
                    Duration.between(since, Instant.now()).toMillis() / 1000.0,
                    plan.workloads().size())),
        style.faint("  " + isolation.mode().words() + ": " + isolation.reason()),
        "  selvage status | selvage exec WORKLOAD -- CMD | selvage logs     Ctrl-C stops it");
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }
}
