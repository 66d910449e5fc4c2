package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogFolder;
import io.selvage.cli.log.LogTail;
import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.state.MeshState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage logs [WORKLOAD]}. */
@Command(
    name = "logs",
    description = {
      "Print what a workload's application or proxy wrote, as kubectl logs does.",
      "%nWithout a workload: the end of all logs, those of the mesh's own parts included; -c"
          + " chooses app, istio-proxy, control-plane, ca, proxies or mesh."
    })
final class LogsCommand implements Callable<Integer> {

  private static final Duration STEP = Duration.ofMillis(200);
  private static final int ALL = -1;

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NAME",
      description = {
        "app (default): what the application wrote.",
        "istio-proxy: the access log of the workload's proxy."
      })
  private @Nullable String container;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what is written from now on, until Ctrl-C.")
  private boolean follow;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "Lines from the end (default: all of one log, 20 each of several).")
  private int tail = ALL;

  @Parameters(arity = "0..1", paramLabel = "WORKLOAD", description = "NAME or NAMESPACE/NAME.")
  private @Nullable String workload;

  @Override
  public Integer call() throws InterruptedException {
    var mesh = choice.mesh();
    Path folder = Mesh.logs(MeshChoice.directory(), mesh.mesh());
    try {
      var files = files(mesh, folder);
      noteMissing(files);
      print(mesh, files);
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the logs in " + folder + " cannot be read: " + e);
    }
  }

  private void noteMissing(Map<String, Path> files) {
    Path access = files.get(Containers.PROXY);
    if (access != null && !Files.exists(access)) {
      var err = spec.commandLine().getErr();
      err.println(
          "selvage: no access log yet; it needs accessLogFile: /dev/stdout in the mesh's settings\n"
              + "  (examples/minimal/mesh.yaml has it) and a request");
      err.flush();
    }
  }

  /** By the name that the user gives. */
  private Map<String, Path> files(MeshState mesh, Path folder) {
    return workload == null ? all(mesh, folder) : container(mesh, folder, workload);
  }

  /** The mesh's own parts, then each workload's containers. */
  private Map<String, Path> all(MeshState mesh, Path folder) {
    var files = new LinkedHashMap<String, Path>();
    for (var part : LogFolder.Part.values()) {
      String name = part.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (container == null || container.equals(name)) {
        files.put(name, part.in(folder));
      }
    }
    for (var found : mesh.workloads()) {
      String name = found.cluster() + "/" + found.qualifiedName() + " ";
      if (container == null || container.equals(Containers.APPLICATION)) {
        files.put(name + Containers.APPLICATION, LogFolder.application(folder, found.fileName()));
      }
      if (container == null || container.equals(Containers.PROXY)) {
        files.put(name + Containers.PROXY, LogFolder.proxy(folder, found.fileName()));
      }
    }
    if (files.isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "`-c %s`: there are app, istio-proxy, control-plane, ca, proxies and mesh"
              .formatted(container));
    }
    return files;
  }

  private Map<String, Path> container(MeshState mesh, Path folder, String name) {
    var found = choice.workload(mesh, name);
    return switch (Containers.of(container, found.name())) {
      case APPLICATION ->
          Map.of(Containers.APPLICATION, LogFolder.application(folder, found.fileName()));
      case PROXY -> Map.of(Containers.PROXY, LogFolder.proxy(folder, found.fileName()));
    };
  }

  private void print(MeshState mesh, Map<String, Path> files)
      throws IOException, InterruptedException {
    boolean one = files.size() == 1;
    int count = tail >= 0 ? tail : one ? Integer.MAX_VALUE : 20;
    var tails = new LinkedHashMap<String, LogTail>();
    for (var file : files.entrySet()) {
      tails.put(file.getKey(), new LogTail(file.getValue()));
      print(file.getKey(), one, LogTail.last(file.getValue(), count));
    }
    while (follow && mesh.alive()) {
      Thread.sleep(STEP);
      for (var each : tails.entrySet()) {
        print(each.getKey(), one, each.getValue().more());
      }
    }
  }

  private void print(String name, boolean one, List<String> lines) {
    String prefix = one ? "" : SelvageCommand.style(spec).faint("[" + name + "]") + " ";
    lines.forEach(line -> SelvageCommand.print(spec, prefix + line));
  }
}
