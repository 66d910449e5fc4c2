package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.state.WorkloadEntry;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code selvage exec WORKLOAD -- CMD…}. */
@Command(
    name = "exec",
    description = {
      "Run a command as a workload, as kubectl exec does in a pod.",
      "%nIts traffic goes through the workload's proxy, with the workload's identity:%n",
      "  selvage exec sleep -n sample --context east -- \\",
      "      curl http://httpbin.sample:8000/headers%n",
      "Standard input is the command's, and so is the exit status."
    },
    footer =
        "%nExit status: the command's own; 127 there is no such command; 2 no such workload;"
            + " 4 no such mesh runs.")
final class ExecCommand implements Callable<Integer> {

  private static final int NOT_FOUND = 127;

  @Mixin private MeshChoice choice;

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NAME",
      description = {
        "app (default): as the application.",
        "istio-proxy: as the proxy, whose traffic is not captured."
      })
  private @Nullable String container;

  @Option(
      names = {"-i", "--stdin", "-t", "--tty"},
      description = "As kubectl has them; here it is always so.")
  private boolean unusedAsItIsAlwaysSo;

  @Parameters(index = "0", paramLabel = "WORKLOAD", description = "NAME or NAMESPACE/NAME.")
  private String workload;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "CMD", description = "The command.")
  private List<String> command;

  @Override
  public Integer call() throws InterruptedException {
    var mesh = choice.mesh();
    var found = choice.workload(mesh, workload);
    var entry =
        WorkloadEntry.of(
            found,
            mesh.isolation().mode(),
            Containers.of(container, found.name()),
            command,
            OptionalLong.of(mesh.pid()));
    var builder = new ProcessBuilder(entry.line()).inheritIO();
    builder.environment().putAll(entry.environment());
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    try {
      Process process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
      return process.waitFor();
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      throw new UserError(
          why.contains("error=2,") ? NOT_FOUND : ExitCode.NO_ACCESS,
          "cannot run `%s` as %s: %s"
              .formatted(
                  command.getFirst(), found.qualifiedName(), why.replaceAll(".*error=\\d+, ", "")));
    }
  }
}
