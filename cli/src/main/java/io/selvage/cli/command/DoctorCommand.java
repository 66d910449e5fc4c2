package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.doctor.Diagnosis.FailOn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage doctor}. */
@Command(
    name = "doctor",
    description = {
      "Find what is wrong with a mesh: Selvage, Istio or Anthos Service Mesh.",
      "%nLooks at the mesh on this machine, or with --context at Kubernetes clusters, or at a"
          + " bundle that was saved. Nothing has to be installed, and nothing is changed without"
          + " --fix; --probe makes a private namespace and removes it."
    },
    footer = {
      "%nExit status: 0 fine; 1 findings (--fail-on); 3 something could not be seen (--strict);"
          + " 4 no cluster could be asked; 5 it took longer than --timeout (what was seen by then is shown).",
      "%nThe checks are listed in docs/doctor-checks.md; `selvage explain CODE` tells of one."
    },
    sortOptions = false)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "BUNDLE",
      arity = "0..1",
      description =
          "Offline: a file that --save wrote, for the same findings; or a folder of objects in YAML"
              + " and dumps, such as istioctl bug-report's unpacked.")
  private @Nullable Path bundle;

  @Mixin private DoctorClusterChoice clusters;
  @Mixin private DoctorCheckChoice checks;
  @Mixin private DoctorProbeChoice probes;
  @Mixin private DoctorFixChoice fixes;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description =
          "text (default), wide, json, yaml, sarif, junit, html, markdown or name (codes alone).")
  private DoctorForm form = DoctorForm.TEXT;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Keep what was seen in a bundle, without keys and tokens.")
  private @Nullable Path save;

  @Option(
      names = "--since",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "How far back logs are read: 30m, 2h, 1d (default: 1h).")
  private Duration since = Duration.ofHours(1);

  @Option(
      names = "--timeout",
      paramLabel = "SPAN",
      converter = SpanConverter.class,
      description = "How long it may take in all (default: 5m).")
  private Duration timeout = Duration.ofMinutes(5);

  @Option(names = "--plain", description = "Marks of ASCII alone, and no colour.")
  private boolean plain;

  @Option(names = "--watch", description = "Look again and again, and show what changes.")
  private boolean watch;

  @Option(names = "--wait", description = "Look until nothing is found, or --timeout is over.")
  private boolean waits;

  @Option(names = "--strict", description = "What could not be seen counts: exit status 3.")
  private boolean strict;

  @Option(
      names = "--fail-on",
      paramLabel = "LEVEL",
      description = "Exit status 1 from: error (default), warning, never.")
  private FailOn failOn = FailOn.ERROR;

  @Override
  public Integer call() throws Exception {
    if (watch && waits) {
      throw new UserError(ExitCode.USAGE, "--watch looks for ever, --wait until all is well");
    }
    var wishes =
        new DoctorRun.Wishes(
            checks.selection(),
            checks.ignored(),
            checks.conversation(),
            checks.namespace(),
            form,
            plain,
            Optional.ofNullable(save),
            timeout,
            strict,
            failOn);
    if (bundle != null) {
      if (clusters.isNamed() || probes.isWanted() || fixes.isWanted() || watch || waits) {
        throw new UserError(
            ExitCode.USAGE,
            "a bundle is looked at as it is: nothing can be probed, mended or awaited");
      }
      return new DoctorRun(spec, wishes, Thread::sleep).once(new BundleLook(bundle));
    }
    try (DoctorSource source = clusters.source(since, timeout, probes, checks.conversation())) {
      var run = new DoctorRun(spec, wishes, Thread::sleep);
      if (probes.isCleanup()) {
        return run.cleanUp(source);
      }
      if (fixes.isWanted()) {
        return new DoctorFixes(spec, run, source, fixes, DoctorFixes.journal(), Thread::sleep)
            .mend();
      }
      return watch ? run.watch(source) : waits ? run.until(source) : run.once(source);
    }
  }
}
