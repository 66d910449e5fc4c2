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
    description = "Explain a stable code: meaning, cause, next step. Works offline.")
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
    String[] paragraphs = page.strip().split("\n{2,}", -1);
    for (int i = 0; i < paragraphs.length; i++) {
      if (i > 0) {
        SelvageCommand.print(spec, "");
      }
      paragraph(paragraphs[i]);
    }
  }

  /** Running text is laid out for the page; headings, lists, tables and code keep their lines. */
  private void paragraph(String text) {
    boolean running = text.lines().skip(1).noneMatch(line -> line.matches("([-*|`>]| {4}).*"));
    for (String part : text.startsWith("#") ? text.split("\n", 2) : new String[] {text}) {
      if (part.startsWith("#")) {
        SelvageCommand.print(spec, SelvageCommand.style(spec).strong(part));
      } else if (running && !part.matches("(?s)(\\||`{3}| {4}).*")) {
        print(0, part.replaceAll("\n *", " "));
      } else {
        part.lines()
            .forEach(
                line -> {
                  if (line.matches("(\\||`{3}| {4}).*")) {
                    SelvageCommand.print(spec, line);
                  } else {
                    print(2, line);
                  }
                });
      }
    }
  }

  private void print(int indent, String text) {
    SelvageCommand.page()
        .wrapped("", indent, text)
        .forEach(line -> SelvageCommand.print(spec, line));
  }
}
