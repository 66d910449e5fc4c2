package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** {@code -o}: for people, for programs, for a pipeline, as a picture. */
final class ProveOutput {

  /** The forms of answers; each command has some of them. */
  enum Form {
    TEXT,
    JSON,
    SARIF,
    JUNIT,
    GITHUB,
    MD,
    CSV,
    DOT,
    MERMAID,
    SVG
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description = "text (default), json, sarif, junit, github, md, csv, dot, mermaid or svg.")
  private Form form = Form.TEXT;

  /** What was asked for, if it is among what the command has. */
  Form of(Form... known) {
    if (!Arrays.asList(known).contains(form)) {
      throw new UserError(
          ExitCode.USAGE,
          "there is no -o %s here, only %s"
              .formatted(
                  form.name().toLowerCase(Locale.ROOT),
                  List.of(known).stream()
                      .map(one -> one.name().toLowerCase(Locale.ROOT))
                      .collect(Collectors.joining(", "))));
    }
    return form;
  }
}
