package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage explain CODE}. */
@Command(
    name = "explain",
    description = "Explain a stable code: what it means, why it comes, what to do. Works offline.")
final class ExplainCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "CODE", description = "A code as logs and findings show it: SLV4001.")
  private String code;

  @Override
  public void run() {
    String known =
        ErrorPages.code(code)
            .orElseThrow(
                () ->
                    new UserError(
                        ExitCode.USAGE,
                        "`" + code + "` is no code: they look like SLV4001 (or 4001)"));
    String page =
        ErrorPages.page(known)
            .orElseThrow(() -> new UserError(ExitCode.USAGE, "there is no code " + known));
    SelvageCommand.print(spec, page.stripTrailing());
  }
}
