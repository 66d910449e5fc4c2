package io.selvage.cli.command;

import io.selvage.control.kubernetes.migrate.MigrationRefused;
import io.selvage.control.kubernetes.migrate.RootChange.Done;
import io.selvage.control.kubernetes.migrate.TrustDomainChange;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage migrate trust-domain}: the steps of a change of names. */
@Command(
    name = "trust-domain",
    description = {
      "Change the trust domain that Istio and Selvage share, without an outage.",
      "%nThe ConfigMap istio is changed. Who keeps it in a chart or in Git changes it there, too."
    },
    footer =
        "%nExit status: 1 the step is refused (SLV7282, SLV7283); 4 the cluster cannot be asked.",
    synopsisSubcommandLabel = "STEP")
final class MigrateTrustDomainCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** The options of each step. */
  static final class StepChoice extends MigrationStep {
    @Parameters(paramLabel = "DOMAIN", description = "A trust domain.")
    private String domain = "";

    private interface Named {
      Done of(TrustDomainChange change, String domain, boolean dry) throws MigrationRefused;
    }

    private int take(Named which) {
      return take(
          chosen ->
              new TrustDomainChange(chosen.client(), chosen.namespace(), InstantSource.system()),
          (change, dry) -> which.of(change, domain, dry));
    }
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(name = "add", description = "Accept names of a trust domain that nobody has yet.")
  int add(@Mixin StepChoice step) {
    return step.take(TrustDomainChange::add);
  }

  @Command(name = "switch", description = "Name workloads after it; the former stays accepted.")
  int switchTo(@Mixin StepChoice step) {
    return step.take(TrustDomainChange::switchTo);
  }

  @Command(name = "drop", description = "Accept names of a former trust domain no more.")
  int drop(@Mixin StepChoice step) {
    return step.take(TrustDomainChange::drop);
  }
}
