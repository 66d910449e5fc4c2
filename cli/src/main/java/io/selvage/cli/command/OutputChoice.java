package io.selvage.cli.command;

import picocli.CommandLine.Option;

/** {@code -o}: for people or for programs. */
final class OutputChoice {

  /** The forms of output. */
  enum Form {
    TABLE,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description = "table (default) or json.")
  private Form form = Form.TABLE;

  boolean json() {
    return form == Form.JSON;
  }
}
