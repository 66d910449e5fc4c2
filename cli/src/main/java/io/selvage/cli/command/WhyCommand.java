package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.state.AdminClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage why REQUEST-ID}. */
@Command(
    name = "why",
    description = {
      "Say why a request was answered as it was: policy, rule, file:line, and the facts.",
      "The id is the x-request-id of the answer and of the access log."
    })
final class WhyCommand implements Runnable {

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;

  @Parameters(paramLabel = "REQUEST-ID", description = "The request's id.")
  private String id;

  @Override
  public void run() {
    var lines =
        new AdminClient(choice.mesh())
            .ask("/v1/why/" + id)
            .orElseThrow(
                () ->
                    new UserError(
                        ExitCode.FINDINGS,
                        "no request "
                            + id
                            + " is remembered; `selvage logs` shows the ids of the latest"));
    lines.forEach(line -> SelvageCommand.print(spec, line.asString()));
  }
}
