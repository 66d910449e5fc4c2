package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.demo.Demo;
import io.selvage.cli.demo.LiveStage;
import io.selvage.cli.mesh.MeshEvent;
import io.selvage.cli.mesh.MeshPlan;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage demo}. */
@Command(
    name = "demo",
    description = {
      "Start two clusters on this machine and walk the security runbook on them.",
      "%nEach step prints a command that you can paste into another terminal while the mesh is up,"
          + " and its real output. At the end everything is removed."
    },
    footer = "%nExit status: 1 an expectation does not hold; 4 the machine refuses something.")
final class DemoCommand implements Callable<Integer> {

  private static final String NAME = "demo";

  @Spec private CommandSpec spec;

  @Option(names = "--keep", description = "Leave the mesh up afterwards, until Ctrl-C.")
  private boolean keep;

  @Override
  public Integer call() throws InterruptedException {
    Instant since = Launch.began(System.getenv());
    var style = SelvageCommand.style(spec);
    var isolation = MeshStart.isolation();
    SelvageCommand.print(
        spec,
        style.strong("Two clusters, east and west, in the trust domain demo.mesh"),
        style.faint(isolation.mode().words() + ": " + isolation.reason()));
    if (!isolation.mode().namespaces()) {
      SelvageCommand.print(
          spec,
          style.faint("so workloads have addresses of 127.0.0.0/8, and exec sets http_proxy"));
    }
    var directory = MeshChoice.directory();
    directory.refuseTwice(NAME);
    try {
      Path folder = directory.scratch(NAME);
      copy(examples(), folder);
      try (var mesh =
          MeshStart.start(
              MeshPlan.read(NAME, folder, "unused"),
              isolation,
              folder.resolve(".ca"),
              this::amiss)) {
        var demo =
            new Demo(
                new LiveStage(mesh, folder),
                spec.commandLine().getOut(),
                style,
                InstantSource.system());
        boolean holds = demo.run(since);
        if (keep) {
          SelvageCommand.print(
              spec, "The mesh stays up: selvage status, selvage exec …   Ctrl-C stops it");
          new CountDownLatch(1).await();
        }
        return holds ? ExitCode.OK : ExitCode.FINDINGS;
      }
    } catch (InterruptedIOException e) {
      return ExitCode.INTERRUPTED;
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the demo does not run: " + e.getMessage());
    }
  }

  /** The demo narrates by itself; what goes wrong behind it is told too. */
  private void amiss(MeshEvent event) {
    if (event.kind() == MeshEvent.Kind.BAD) {
      SelvageCommand.print(spec, SelvageCommand.style(spec).bad(event.text()));
    }
  }

  private static Path examples() {
    return Path.of(System.getProperty("selvage.home", "."), "examples", NAME);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
