package io.selvage.cli.command;

import io.selvage.model.PolicyAssertions.Assumptions;
import io.selvage.prove.Budget;
import io.selvage.prove.Options;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options that say what a proof takes for granted. */
final class ProveChoice {
  @Option(
      names = "--promote-dry-run",
      description = "As if policies with istio.io/dry-run were enforced.")
  private boolean promoteDryRun;

  @Option(
      names = "--known-identities",
      description = "Callers have the identities of known workloads, or none; no others.")
  private boolean knownIdentities;

  @Option(
      names = "--known-addresses",
      description = "The address of a known workload comes with its identity alone.")
  private boolean knownAddresses;

  @Option(
      names = "--any-spiffe-id",
      description = "Unknown callers may have identities of any form, not only a mesh CA's.")
  private boolean anySpiffeId;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "What may be spent on policies that stay undecided, a third of it on one set of them:"
              + " INCONCLUSIVE (${DEFAULT-VALUE}).")
  private int seconds = 25;

  Options options() {
    return options(new Assumptions(!knownIdentities, knownAddresses, anySpiffeId));
  }

  /** With what assertions say for themselves; what is said here narrows it no further. */
  Options options(Assumptions assumed) {
    Budget most = Budget.DEFAULT;
    Duration total = Duration.ofSeconds(seconds);
    Duration usual = most.time().compareTo(total) < 0 ? most.time() : total;
    Duration third = total.dividedBy(3);
    Duration each = usual.compareTo(third) < 0 ? third : usual;
    return assuming(
        Options.DEFAULT.withPromotedDryRun(promoteDryRun).withBudget(most.within(each, total)),
        assumed);
  }

  /** Options with what assertions say for themselves. */
  static Options assuming(Options options, Assumptions assumed) {
    return options
        .withUnknownIdentities(assumed.unknownIdentities())
        .withIpIdentity(
            assumed.knownAddresses() ? Options.IpIdentity.INVENTORY : Options.IpIdentity.FREE)
        .withIdentities(
            assumed.anySpiffeId() ? Options.IdentityForm.SPIFFE : Options.IdentityForm.ISTIO);
  }
}
