package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.agent.JoinedWorkload;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage envoy-bootstrap WORKLOAD}. */
@Command(
    name = "envoy-bootstrap",
    description = {
      "Print the bootstrap with which an unchanged Envoy is a workload's sidecar.",
      "%nThe workload has `proxy: external` in workloads.yaml. Envoy finds its certificate and its"
          + " configuration at the socket of `selvage agent`, which starts Envoy with this very"
          + " bootstrap unless its command names another:%n",
      "  selvage envoy-bootstrap web > web.json",
      "  selvage agent web -- envoy -c web.json --disable-hot-restart"
    },
    footer = "%nExit status: 2 no such workload; 4 no such mesh runs.")
final class EnvoyBootstrapCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private MeshChoice choice;

  @Option(
      names = "--socket",
      paramLabel = "FILE",
      description = "The agent's socket, when it is told of another than its own.")
  private @Nullable Path socket;

  @Option(
      names = "--state-of-the-world",
      description = "The older variant of xDS; without it, the incremental one.")
  private boolean whole;

  @Parameters(index = "0", paramLabel = "WORKLOAD", description = "NAME or NAMESPACE/NAME.")
  private String workload;

  @Override
  public Integer call() {
    var mesh = choice.mesh();
    var joined = JoinedWorkload.of(mesh, choice.workload(mesh, workload), MeshChoice.directory());
    spec.commandLine().getOut().print(joined.bootstrap(joined.socket(socket), whole).json());
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}
