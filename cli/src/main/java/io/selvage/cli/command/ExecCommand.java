package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.state.WorkloadEntry;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code selvage exec WORKLOAD -- CMD…}. */
@Command(
    name = "exec",
    description = {
      "Run a command as a workload, as kubectl exec does in a pod:",
      "  selvage exec sleep -n sample --context east -- curl http://httpbin.sample:8000/headers",
      "The exit status is the command's own."
    })
final class ExecCommand implements Callable<Integer> {

  private static final String PROXY_CONTAINER = "istio-proxy";

  @Mixin private MeshChoice choice;

  @Option(
      names = {"-c", "--container"},
      paramLabel = "NAME",
      description = "istio-proxy: with the proxy's view, whose traffic is not captured.")
  private String container = "";

  @Parameters(index = "0", paramLabel = "WORKLOAD", description = "The workload.")
  private String workload;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "CMD", description = "The command.")
  private List<String> command;

  @Override
  public Integer call() throws InterruptedException {
    var mesh = choice.mesh();
    var entry =
        WorkloadEntry.of(
            choice.workload(mesh, workload),
            mesh.isolation().mode(),
            container.equals(PROXY_CONTAINER) ? Container.PROXY : Container.APPLICATION,
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
      throw new UserError(ExitCode.NO_ACCESS, "cannot enter " + workload + ": " + e.getMessage());
    }
  }
}
