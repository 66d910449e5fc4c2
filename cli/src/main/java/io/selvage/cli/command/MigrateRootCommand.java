package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.migrate.RootChange;
import io.selvage.control.kubernetes.migrate.SharedRootChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage migrate root}: the steps of a root change that Istio and Selvage share. */
@Command(
    name = "root",
    description = {
      "Change the root of the CA that Istio and Selvage share, without an outage.",
      "%nEach step can be repeated, and is refused while it would cut a workload off. Clusters that"
          + " have one root change it together: name them all, each with --context; the new root"
          + " is the first one's."
    },
    footer =
        "%nExit status: 1 the step is refused (SLV7282, SLV7283); 4 the cluster cannot be asked.",
    synopsisSubcommandLabel = "STEP")
final class MigrateRootCommand implements Runnable {
  private static final List<String> FILES =
      List.of("ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem");

  @Spec private CommandSpec spec;

  /** The options of each step. */
  static final class StepChoice extends MigrationStep {
    @Option(
        names = "--without",
        paramLabel = "CLUSTER",
        description =
            "A cluster of the mesh, by its id, that has a root of its own and stays as it is; may be"
                + " given many times.")
    private Set<String> without = Set.of();

    private int take(Step<SharedRootChange> which) {
      return takeInAll(
          all -> new SharedRootChange(all.stream().map(StepChoice::member).toList(), without),
          which);
    }

    private static SharedRootChange.Member member(MigrationRun.Chosen chosen) {
      return new SharedRootChange.Member(
          chosen.context(),
          chosen.cluster(),
          new RootChange(
              chosen.client(), chosen.namespace(), InstantSource.system(), new SecureRandom()));
    }
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "import",
      description = "Copy the CA that Istio made for itself (istio-ca-secret) into cacerts.")
  int take(@Mixin StepChoice step) {
    return step.take(SharedRootChange::importCa);
  }

  @Command(name = "start", description = "Have everybody trust a new root; the old one signs on.")
  int start(
      @Mixin StepChoice step,
      @Option(
              names = "--ca-dir",
              paramLabel = "DIR",
              description =
                  "The new CA, in the four files of Istio's cacerts (default: one is made).")
          @Nullable Path directory) {
    Optional<Map<String, String>> brought = Optional.ofNullable(directory).map(this::files);
    return step.take((change, dry) -> change.start(brought, dry));
  }

  @Command(name = "switch", description = "Let the new root sign; both are trusted.")
  int switchSigning(@Mixin StepChoice step) {
    return step.take(SharedRootChange::switchSigning);
  }

  @Command(name = "back", description = "Let the old root sign again; both are trusted.")
  int back(@Mixin StepChoice step) {
    return step.take(SharedRootChange::back);
  }

  @Command(name = "finish", description = "End the trust in the root that does not sign.")
  int finish(@Mixin StepChoice step) {
    return step.take(SharedRootChange::finish);
  }

  private Map<String, String> files(Path directory) {
    Map<String, String> texts = new HashMap<>();
    for (String name : FILES) {
      try {
        texts.put(name, Files.readString(directory.resolve(name)));
      } catch (IOException e) {
        throw new UserError(
            ExitCode.USAGE, "%s cannot be read: %s".formatted(directory.resolve(name), e));
      }
    }
    return texts;
  }
}
