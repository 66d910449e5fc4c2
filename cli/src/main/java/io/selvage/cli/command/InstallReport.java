package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.control.kubernetes.install.Check;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** What is said in the course of an {@link InstallRun}, and what exit status comes of it. */
final class InstallReport {
  private static final int PROGRESS_LINES = 2;

  private final Style style;
  private final Page page;
  private final PrintWriter out;
  private final PrintWriter err;
  private int worst = ExitCode.OK;

  InstallReport(CommandSpec spec) {
    this.style = SelvageCommand.style(spec);
    this.page = SelvageCommand.page();
    this.out = spec.commandLine().getOut();
    this.err = spec.commandLine().getErr();
  }

  Style style() {
    return style;
  }

  Page page() {
    return page;
  }

  void say(String line) {
    out.println(line);
    out.flush();
  }

  void good(String text) {
    page.wrapped("", 2, style.good(text)).forEach(this::say);
  }

  void note(String text) {
    page.wrapped("", 2, style.warning(text)).forEach(this::say);
  }

  /** The beginning of what is waited for, beside the results. */
  void progress(String text) {
    text.lines().limit(PROGRESS_LINES).forEach(err::println);
    err.flush();
  }

  /**
   * Something went wrong.
   *
   * @param code the exit status that the run has at least
   * @param stable the code that has a page
   */
  void failed(Optional<String> context, int code, String stable, String why) {
    worst = Math.max(worst, code);
    List<String> lines = why.lines().toList();
    page.wrapped("", 2, style.bad(before(context) + stable + " " + lines.getFirst()))
        .forEach(this::say);
    lines.stream().skip(1).forEach(line -> say("  " + line)); // it may be a command to be pasted
  }

  /** Says what a check came to; whether it passed. */
  boolean told(Check check, Optional<String> context) {
    switch (check.outcome()) {
      case PASSED -> good(before(context) + check.text());
      case FAILED -> failed(context, ExitCode.FINDINGS, "SLV7256", check.text());
      case UNKNOWN -> {
        worst = Math.max(worst, ExitCode.INCOMPLETE);
        note(before(context) + check.text());
      }
    }
    return check.outcome() == Check.Outcome.PASSED;
  }

  private static String before(Optional<String> context) {
    return context.map(name -> name + ": ").orElse("");
  }

  int exitCode() {
    return worst;
  }
}
