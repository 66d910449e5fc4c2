package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.doctor.Selection;
import io.selvage.doctor.fix.Consent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options of {@code selvage doctor} about mending. */
final class DoctorFixChoice {
  private static final String SAFE = "safe";

  @Option(
      names = "--fix",
      arity = "0..1",
      fallbackValue = SAFE,
      split = ",",
      paramLabel = "CODE",
      completionCandidates = CodeCandidates.class,
      description =
          "Mend what is safe; --fix=CODE also what alters traffic or security, after a yes.")
  private List<String> fix = List.of();

  @Option(
      names = {"-y", "--yes"},
      description = "Say yes to what --fix=CODE would ask; needed where nobody can be asked.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Only show what --fix would change.")
  private boolean dry;

  boolean isWanted() {
    if (fix.isEmpty() && dry) {
      throw new UserError(ExitCode.USAGE, "--dry-run shows what --fix would do: give both");
    }
    return !fix.isEmpty();
  }

  boolean isDry() {
    return dry;
  }

  boolean saidYes() {
    return yes;
  }

  /** What the user said yes to. */
  Consent consent() {
    Set<String> codes = new HashSet<>();
    for (String code : fix) {
      if (!code.equals(SAFE)) {
        try {
          codes.addAll(new Selection(List.of(code), List.of()).only());
        } catch (IllegalArgumentException e) {
          throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
      }
    }
    return codes.isEmpty() ? Consent.SAFE_ONLY : new Consent(codes);
  }
}
