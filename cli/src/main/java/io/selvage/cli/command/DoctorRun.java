package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.doctor.ProgressLine;
import io.selvage.cli.doctor.TextReport;
import io.selvage.cli.doctor.WalkText;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Check;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Doctor;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.Selection;
import io.selvage.doctor.bundle.Bundle;
import io.selvage.doctor.conversation.Walk;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.report.Shown;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** One run of {@code selvage doctor}: look, ask the checks, show what they say. */
final class DoctorRun {
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Duration CLEANUP = Duration.ofSeconds(30);

  private final CommandSpec spec;
  private final Wishes wishes;
  private final Pause pause;
  private final List<Check> checks;

  /** What the user asked for. */
  record Wishes(
      Selection selection,
      Ignored ignored,
      Optional<Conversation> conversation,
      Optional<String> namespace,
      DoctorForm form,
      boolean plain,
      Optional<Path> save,
      Duration timeout,
      boolean strict,
      Diagnosis.FailOn failOn) {}

  /** Waiting, so that a test need not. */
  @FunctionalInterface
  interface Pause {
    void pause(Duration duration) throws InterruptedException;
  }

  DoctorRun(CommandSpec spec, Wishes wishes, Pause pause) {
    this.pause = pause;
    this.spec = spec;
    this.wishes = wishes;
    try {
      this.checks = wishes.selection().of(Catalogue.all());
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /**
   * One look, and what the checks say of it.
   *
   * @param walk the way of the conversation that was asked for, where a cluster was seen
   * @param isComplete whether it came to its end before the time was up
   */
  record Looked(Diagnosis diagnosis, Optional<Walk> walk, boolean isComplete) {
    /** Whether two looks came to the same. */
    boolean saysTheSameAs(Looked other) {
      return diagnosis.open().equals(other.diagnosis.open())
          && walk.map(Walk::hops).equals(other.walk.map(Walk::hops));
    }
  }

  /** Looks once. */
  int once(DoctorLook look) throws InterruptedException {
    Looked looked = look(look);
    show(looked);
    return exitCode(looked);
  }

  /**
   * What was seen.
   *
   * @param isComplete whether all of it was, before the time was up
   */
  private record Seen(Evidence evidence, boolean isComplete) {}

  /** Looks until all is well. */
  int until(DoctorLook look) throws InterruptedException {
    long end = System.nanoTime() + wishes.timeout().toNanos();
    while (true) {
      Looked looked = look(look);
      int code = exitCode(looked);
      if (code == ExitCode.OK || System.nanoTime() + PAUSE.toNanos() - end > 0) {
        show(looked);
        return code == ExitCode.OK ? code : ExitCode.TIME_OUT;
      }
      err("%s; looking again".formatted(Shown.counts(looked.diagnosis())));
      pause.pause(PAUSE);
    }
  }

  /** Looks again and again until it is stopped; shows what changed. */
  int watch(DoctorLook look) throws InterruptedException {
    Looked last = look(look);
    show(last);
    while (true) {
      pause.pause(PAUSE);
      Looked next = look(look);
      if (!next.saysTheSameAs(last)) {
        SelvageCommand.print(spec, "", style().strong(next.diagnosis().taken().toString()));
        show(next);
      }
      last = next;
    }
  }

  /** Removes what probes left behind. */
  int cleanUp(DoctorSource source) {
    List<String> gone = source.cleanUp();
    if (gone.isEmpty()) {
      SelvageCommand.print(spec, "nothing was left behind");
    }
    gone.forEach(what -> SelvageCommand.print(spec, "removed: " + what));
    return ExitCode.OK;
  }

  /** Looks, keeps what was seen where that was asked for, and asks the checks. */
  private Looked look(DoctorLook look) throws InterruptedException {
    Seen seen = seenSoFar(look);
    Evidence evidence = seen.evidence();
    wishes.save().ifPresent(file -> save(evidence, file));
    if (!seen.isComplete()) {
      err(timeOut() + "\n  what was seen by then is judged");
    }
    Optional<Walk> walk =
        evidence.clusters().isEmpty()
            ? Optional.empty()
            : wishes.conversation().map(wanted -> Walk.of(evidence, wanted));
    return new Looked(diagnosis(evidence), walk, seen.isComplete());
  }

  /** What the checks say now, of all that there is to see. */
  Diagnosis diagnosis(DoctorLook look) throws InterruptedException {
    Evidence evidence = seen(look);
    wishes.save().ifPresent(file -> save(evidence, file));
    return diagnosis(evidence);
  }

  Diagnosis diagnosis(Evidence evidence) {
    Diagnosis all = new Doctor(checks, wishes.ignored()).examine(evidence);
    Diagnosis wanted =
        wishes
            .conversation()
            .map(both -> Walk.narrowed(all, Walk.concerning(evidence, both)))
            .orElse(all);
    return wishes
        .namespace()
        .map(name -> Walk.narrowed(wanted, finding -> isOf(name, finding)))
        .orElse(wanted);
  }

  /** Whether a finding concerns a namespace, or the mesh as a whole. */
  private static boolean isOf(String namespace, Finding finding) {
    var objects = finding.result().objects();
    return objects.isEmpty()
        || objects.stream()
            .anyMatch(
                one ->
                    one.namespace().isEmpty()
                        ? !one.kind().equals("Namespace") || one.name().equals(namespace)
                        : one.namespace().equals(namespace));
  }

  /**
   * Looks, within the time that it may take.
   *
   * @throws UserError when that is not enough
   */
  Evidence seen(DoctorLook look) throws InterruptedException {
    Seen seen = seenSoFar(look);
    if (!seen.isComplete()) {
      throw new UserError(ExitCode.TIME_OUT, timeOut());
    }
    return seen.evidence();
  }

  private String timeOut() {
    return "it took longer than %d s\n  --timeout gives it more, --only asks less"
        .formatted(wishes.timeout().toSeconds());
  }

  /**
   * Looks, until the time is up.
   *
   * @throws UserError when nothing was seen by then
   */
  private Seen seenSoFar(DoctorLook look) throws InterruptedException {
    var soFar = new AtomicReference<@Nullable Evidence>();
    try (var progress =
        new ProgressLine(err(), isTerminal(), Math.max(40, SelvageCommand.page().columns()))) {
      var task = new FutureTask<>(() -> look.look(progress, soFar::set));
      Thread worker = Thread.ofVirtual().start(task);
      Thread atEnd = Thread.ofPlatform().unstarted(() -> stop(worker));
      Runtime.getRuntime().addShutdownHook(atEnd);
      try {
        return new Seen(task.get(wishes.timeout().toMillis(), TimeUnit.MILLISECONDS), true);
      } catch (TimeoutException _) {
        stop(worker);
        Evidence known = soFar.get();
        if (known == null) {
          throw new UserError(ExitCode.TIME_OUT, timeOut());
        }
        return new Seen(known, false);
      } catch (ExecutionException e) {
        throw failure(e);
      } finally {
        keep(atEnd);
      }
    }
  }

  /** Lets what is under way take back what it made: probes have a namespace. */
  private static void stop(Thread worker) {
    worker.interrupt();
    try {
      worker.join(CLEANUP);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void keep(Thread atEnd) {
    try {
      Runtime.getRuntime().removeShutdownHook(atEnd);
    } catch (IllegalStateException _) {
      // the end has begun: it runs
    }
  }

  private static RuntimeException failure(ExecutionException e) {
    return switch (e.getCause()) {
      case RuntimeException own -> own;
      case IOException io -> new UserError(ExitCode.NO_ACCESS, String.valueOf(io.getMessage()));
      case null, default -> new IllegalStateException(e);
    };
  }

  private void save(Evidence evidence, Path file) {
    try {
      Bundle.write(evidence, InstalledVersion.own(), file);
      err(
          "saved to %s, without keys and tokens; `selvage doctor %s` shows the same"
              .formatted(file, file));
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + " cannot be written: " + e.getMessage());
    }
  }

  /** Shows it in the form that was asked for. */
  void show(Diagnosis diagnosis) {
    show(new Looked(diagnosis, Optional.empty(), true));
  }

  private void show(Looked looked) {
    Diagnosis diagnosis = looked.diagnosis();
    Optional<Walk> walk = looked.walk();
    var form = wishes.form().forPrograms();
    if (form.isPresent()) {
      String version = InstalledVersion.own();
      spec.commandLine()
          .getOut()
          .print(
              walk.map(way -> form.get().render(diagnosis, way, version))
                  .orElseGet(() -> form.get().render(diagnosis, version)));
      spec.commandLine().getOut().flush();
      return;
    }
    walk.ifPresent(
        way ->
            WalkText.of(way, style(), SelvageCommand.page())
                .forEach(line -> SelvageCommand.print(spec, line)));
    TextReport.of(diagnosis, style(), SelvageCommand.page(), wishes.form() == DoctorForm.WIDE)
        .forEach(line -> SelvageCommand.print(spec, line));
  }

  /**
   * What was not seen to the end is that; a conversation that does not get through is a finding.
   */
  private int exitCode(Looked looked) {
    if (!looked.isComplete()) {
      return ExitCode.TIME_OUT;
    }
    int code = exitCode(looked.diagnosis());
    return code == ExitCode.OK && looked.walk().filter(walk -> !walk.isThrough()).isPresent()
        ? ExitCode.FINDINGS
        : code;
  }

  int exitCode(Diagnosis diagnosis) {
    return diagnosis.exitCode(wishes.failOn(), wishes.strict());
  }

  private Style style() {
    return wishes.plain() ? Style.PLAIN : SelvageCommand.style(spec);
  }

  void err(String line) {
    err().println("selvage: " + line);
    err().flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private static boolean isTerminal() {
    return Boolean.getBoolean("selvage.terminal")
        && !"dumb".equals(System.getenv("TERM"))
        && System.getenv("CI") == null;
  }
}
