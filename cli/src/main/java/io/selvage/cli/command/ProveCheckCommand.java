package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.AssertionCheck;
import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.prove.CheckedAssertion.Status;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.SideSource;
import io.selvage.model.PolicyAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage prove check}. */
@Command(
    name = "check",
    description = {
      "Prove what you demand of policies: never, always, equivalent.",
      "%nDemands are documents of kind PolicyAssertions, in a file of their own or among the"
          + " policies. A file of demands alone is checked on its own folder, on --context, or on"
          + " the folders that other -f name. Of --context without -f those are checked that the"
          + " cluster has itself, in the ConfigMap selvage-assertions:%n",
      "  selvage prove check -f assertions.yaml -f mesh/",
      "  selvage prove check --context east"
    },
    footer =
        "%nExit status: 0 all proved; 1 one doesn't hold, is about nothing, or has ended;"
            + " 2 the input is wrong; 3 inconclusive.")
final class ProveCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ProveInput input;
  @Mixin private ProveChoice choice;
  @Mixin private ProveOutput output;

  @Override
  public Integer call() {
    Side side = ProveSides.read(spec, source());
    List<PolicyAssertions> demands = new ArrayList<>(side.assertions());
    if (input.isCluster()) {
      demands.addAll(
          input.files().isEmpty()
              ? input.clusterDemands()
              : Side.read(input.files(input.files())).assertions());
    }
    if (demands.isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "there is no document of kind %s, so there is nothing to prove\n"
                  .formatted(PolicyAssertions.KIND)
              + "  examples/prove/assertions.yaml shows what it looks like");
    }
    List<CheckedAssertion> checked =
        new AssertionCheck(
                side.mesh(),
                choice::options,
                named -> input.files(List.of(named)),
                LocalDate.now(ZoneOffset.UTC))
            .check(demands);
    ProveAnswers.print(spec, output, checked);
    return status(checked);
  }

  /** Where the mesh is: never only a file that has nothing but demands. */
  private SideSource source() {
    if (input.isCluster()) {
      return input.cluster();
    }
    List<String> files = input.files();
    if (files.size() == 1 && Files.isRegularFile(Path.of(files.getFirst()))) {
      Path folder = Objects.requireNonNullElse(Path.of(files.getFirst()).getParent(), Path.of("."));
      return input.files(List.of(folder.toString()));
    }
    return input.mesh();
  }

  private static int status(List<CheckedAssertion> checked) {
    boolean found =
        checked.stream()
            .map(CheckedAssertion::status)
            .anyMatch(status -> status != Status.HOLDS && status != Status.INCONCLUSIVE);
    boolean open = checked.stream().anyMatch(one -> one.status() == Status.INCONCLUSIVE);
    return found ? ExitCode.FINDINGS : open ? ExitCode.INCOMPLETE : ExitCode.OK;
  }
}
