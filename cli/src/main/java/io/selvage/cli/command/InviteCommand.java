package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.agent.JoinedWorkload;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage invite WORKLOAD}. */
@Command(
    name = "invite",
    description = {
      "Print what an agent of another make needs to join as a workload, as JSON.",
      "%nThe workload has `proxy: external` in workloads.yaml. The token is good for ten minutes:"
          + " whoever holds it is the workload.%n",
      "  selvage invite web | jq -r .token > istio-token",
      "  selvage invite web | jq -r .roots > root-cert.pem"
    },
    footer = "%nExit status: 2 no such workload; 4 no such mesh runs.")
final class InviteCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private MeshChoice choice;

  @Parameters(index = "0", paramLabel = "WORKLOAD", description = "NAME or NAMESPACE/NAME.")
  private String workload;

  @Override
  public Integer call() {
    var mesh = choice.mesh();
    var joined = JoinedWorkload.of(mesh, choice.workload(mesh, workload), MeshChoice.directory());
    SelvageCommand.print(
        spec,
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(joined.invitation()));
    return ExitCode.OK;
  }
}
