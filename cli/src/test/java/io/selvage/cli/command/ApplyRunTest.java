package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.WantedFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code selvage apply} does to a mesh's folder. */
final class ApplyRunTest {
  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: ledger, namespace: pay}
      spec:
        selector: {matchLabels: {app: ledger}}
        template:
          metadata: {labels: {app: ledger}}
          spec: {serviceAccountName: ledger, containers: [{name: app, image: app}]}
      """;

  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: ledger, namespace: pay}
      spec: {rules: [{from: [{source: {namespaces: [%s]}}]}]}
      """;

  private static final String DEMAND =
      """
      apiVersion: selvage.dev/v1alpha1
      kind: PolicyAssertions
      assertions:
      - id: batch-stays-out
        never: {from: {namespaces: [batch]}, to: {namespaces: [pay]}}
      """;

  @TempDir private Path home;
  private Path folder;
  private Path wanted;
  private final StringWriter out = new StringWriter();

  @BeforeEach
  void write() throws IOException {
    folder = Files.createDirectories(home.resolve("mesh"));
    wanted = Files.createDirectories(home.resolve("change"));
    Files.writeString(folder.resolve("workloads-of-pay.yaml"), DEPLOYMENT);
    Files.writeString(folder.resolve("policy.yaml"), POLICY.formatted("web"));
  }

  private int apply(String... options) {
    CommandLine line = SelvageCommand.commandLine();
    line.setOut(new PrintWriter(out));
    line.parseArgs(
        Stream.concat(Stream.of("apply", "-f", wanted.toString()), Arrays.stream(options))
            .toArray(String[]::new));
    ApplyCommand parsed = Objects.requireNonNull(line.getSubcommands().get("apply")).getCommand();
    try (var target = new FolderTarget(folder, new WantedFiles(List.of(wanted)))) {
      return parsed.run(target);
    }
  }

  private String inForce() throws IOException {
    return Files.readString(folder.resolve("policy.yaml"));
  }

  @Test
  void whatAChangeAllowsIsShownBeforeItIsWritten() throws IOException {
    Files.writeString(wanted.resolve("policy.yaml"), POLICY.formatted("web, batch"));
    assertThat(apply("--dry-run")).isZero();
    assertThat(out.toString())
        .contains("+ ALLOWED  pay/ledger", "any identity in ns batch")
        .contains("update     " + folder.resolve("policy.yaml"));
    assertThat(inForce()).isEqualTo(POLICY.formatted("web"));
    assertThat(apply("--yes")).isZero();
    assertThat(inForce()).isEqualTo(POLICY.formatted("web, batch"));
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("workloads-of-pay.yaml", "policy.yaml");
    assertThat(apply("--yes")).isZero();
    assertThat(out.toString()).endsWith("Nothing to change.\n");
  }

  @Test
  void whatBreaksAnAssertionIsNotWrittenUnlessForced() throws IOException {
    Files.writeString(folder.resolve("demands.yaml"), DEMAND);
    Files.writeString(wanted.resolve("policy.yaml"), POLICY.formatted("web, batch"));
    assertThat(apply("--yes")).isEqualTo(ExitCode.FINDINGS);
    assertThat(out.toString())
        .contains("batch-stays-out  does not hold (SLV9410)")
        .contains("SLV9415 assertions would no longer hold, so nothing is applied");
    assertThat(inForce()).isEqualTo(POLICY.formatted("web"));
    assertThat(apply("--yes", "--force")).isZero();
    assertThat(inForce()).isEqualTo(POLICY.formatted("web, batch"));
  }

  @Test
  void anAssertionThatWasBrokenBeforeIsOnlyTold() throws IOException {
    Files.writeString(folder.resolve("demands.yaml"), DEMAND);
    Files.writeString(folder.resolve("policy.yaml"), POLICY.formatted("batch"));
    Files.writeString(wanted.resolve("policy.yaml"), POLICY.formatted("web, batch"));
    assertThat(apply("--yes")).isZero();
    assertThat(out.toString())
        .contains("assertion batch-stays-out doesn't hold without the change either");
    assertThat(inForce()).isEqualTo(POLICY.formatted("web, batch"));
  }

  @Test
  void whatWouldNotBeUnderstoodIsNotWritten() throws IOException {
    Files.writeString(
        wanted.resolve("policy.yaml"), POLICY.formatted("web").replace("rules", "rulez"));
    assertThatThrownBy(() -> apply("--yes", "--force"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cannot be understood whole");
    Files.delete(wanted.resolve("policy.yaml"));
    Files.writeString(wanted.resolve("again.yaml"), POLICY.formatted("batch"));
    assertThatThrownBy(() -> apply("--yes", "--force"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("pay/ledger");
    assertThat(inForce()).isEqualTo(POLICY.formatted("web"));
  }
}
