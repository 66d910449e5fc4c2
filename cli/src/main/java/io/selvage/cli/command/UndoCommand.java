package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.doctor.fix.FixJournal;
import io.selvage.doctor.fix.FixStep;
import io.selvage.doctor.fix.Undo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage undo}. */
@Command(
    name = "undo",
    description = {
      "Take back what `selvage doctor --fix` changed.",
      "%nWhat somebody changed since is left as it is. Without RUN: the runs that can be undone."
    },
    footer =
        "%nExit status: 1 something was not undone; 2 no such run; 4 the cluster cannot be asked.")
final class UndoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", arity = "0..1", description = "As --fix called it.")
  private @Nullable String name;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it.")
  private @Nullable Path kubeconfig;

  @Override
  public Integer call() {
    FixJournal journal = DoctorFixes.journal();
    try {
      if (name == null) {
        list(journal);
        return ExitCode.OK;
      }
      FixJournal.Run run =
          journal
              .read(name)
              .orElseThrow(() -> new UserError(ExitCode.USAGE, "there is no run " + name));
      return undo(journal, name, run);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private void list(FixJournal journal) throws IOException {
    List<String> names = journal.names();
    if (names.isEmpty()) {
      SelvageCommand.print(spec, "nothing was changed that could be undone");
    }
    for (String each : names) {
      SelvageCommand.print(spec, each);
      journal
          .read(each)
          .ifPresent(
              run ->
                  run.steps()
                      .forEach(
                          step ->
                              SelvageCommand.print(
                                  spec,
                                  "  %s in %s: %s"
                                      .formatted(step.code(), step.context(), step.what()))));
    }
  }

  private int undo(FixJournal journal, String run, FixJournal.Run steps) throws IOException {
    List<String> contexts = steps.steps().stream().map(FixStep::context).distinct().toList();
    var wanted =
        new DoctorClusters.Wanted(
            contexts,
            false,
            Optional.ofNullable(kubeconfig),
            Duration.ofHours(1),
            Duration.ofMinutes(1),
            0,
            Optional.empty(),
            Optional.empty());
    try (DoctorSource clusters = DoctorClusters.open(wanted)) {
      List<Undo.Outcome> outcomes = new Undo(journal).run(run, clusters::hand).orElse(List.of());
      var style = SelvageCommand.style(spec);
      outcomes.forEach(
          outcome ->
              SelvageCommand.print(
                  spec,
                  outcome.undone()
                      ? style.good(outcome.words())
                      : style.bad("not undone: " + outcome.words())));
      return outcomes.stream().allMatch(Undo.Outcome::undone) ? ExitCode.OK : ExitCode.FINDINGS;
    }
  }
}
