package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.mesh.MeshPlan;
import io.selvage.cli.mesh.WorkloadsWatch;
import io.selvage.cli.terminal.Style;
import io.selvage.cli.workloads.WorkloadsFile;
import java.io.IOException;
import java.nio.file.Path;
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
      "Run a mesh on this machine from a folder of Istio YAML.",
      "%nThe folder's workloads.yaml says what runs where; everything else in it is Istio's and"
          + " Kubernetes' YAML. Edits to both hold at once, and a mistake leaves what was good"
          + " before in force. Ctrl-C stops the mesh and removes what it made."
    },
    footer = {
      "%nExit status: 2 the command line or workloads.yaml is wrong, or the mesh runs already;"
          + " 4 the machine refuses something; 5 the proxies do not get ready;"
          + " 130 and 143 stopped by Ctrl-C and by SIGTERM."
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

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The mesh's, to run several (${DEFAULT-VALUE}).")
  private String name = "mesh";

  @Override
  public Integer call() throws InterruptedException {
    Instant since = Launch.began(System.getenv());
    MeshStart.checkName("--name", name);
    MeshStart.checkName("--cluster", cluster);
    var style = SelvageCommand.style(spec);
    var out = spec.commandLine().getOut();
    var events = new EventPrinter(out, style, SelvageCommand.page(), InstantSource.system());
    var plan = MeshPlan.read(name, folder, cluster);
    var isolation = MeshStart.isolation();
    Path cas = MeshChoice.home().resolve(".selvage/meshes").resolve(name).resolve("ca");
    try {
      var mesh = MeshStart.start(plan, isolation, cas, events);
      events.good(
          "mesh %s is up after %.1f s: %s"
              .formatted(
                  name,
                  Duration.between(since, Instant.now()).toMillis() / 1000.0,
                  plan.summary()));
      hints(style, isolation.mode().words() + ": " + isolation.reason());
      Path file = folder.resolve(WorkloadsFile.NAME);
      mesh.attend(
          new WorkloadsWatch(
              file, () -> MeshPlan.read(name, folder, cluster), mesh::change, events));
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the mesh does not start: " + e.getMessage());
    }
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }

  private void hints(Style style, String isolation) {
    String mesh = MeshChoice.directory().running().size() > 1 ? " --mesh " + name : "";
    SelvageCommand.print(
        spec,
        style.faint("           " + isolation),
        style.faint(
            "           try: selvage status%1$s; selvage exec%1$s WORKLOAD -- CMD"
                .formatted(mesh)));
  }
}
