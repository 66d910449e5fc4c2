package io.selvage.cli.prove;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderSideTest {
  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: %s, namespace: shop}
      spec: {}
      """;

  @TempDir private Path folder;

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Side read(boolean clusterFolders) {
    return Side.read(new FolderSide(List.of(folder), clusterFolders));
  }

  @Test
  void theWorkloadsOfUpHaveTheServicesThatTheyImply() throws IOException {
    write(
        "workloads.yaml",
        """
        workloads:
        - name: web
          serviceAccount: front
          command: [sleep, "1"]
          ports: [{name: http, port: 8000}]
          service: web
        """);
    assertThat(read(false).mesh().workloads())
        .singleElement()
        .satisfies(
            web -> {
              assertThat(web.principal()).contains("spiffe://cluster.local/ns/default/sa/front");
              assertThat(web.ports()).extracting(Port::number).containsExactly(8000);
              assertThat(web.ports().getFirst().host()).contains("web.default");
            });
  }

  @Test
  void aClusterHasItsFolderAndTheCommonOne() throws IOException {
    write("common/all.yaml", POLICY.formatted("all"));
    write("east/one.yaml", POLICY.formatted("one"));
    write("west/two.yaml", POLICY.formatted("two"));
    assertThat(read(true).mesh().clusters())
        .hasEntrySatisfying("east", s -> assertThat(s.resources()).hasSize(2))
        .hasEntrySatisfying("west", s -> assertThat(s.resources()).hasSize(2))
        .hasSize(2);
    assertThat(read(false).mesh().clusters()).hasSize(1);
  }

  @Test
  void workloadsYamlNamesTheClusters() throws IOException {
    write("common/all.yaml", POLICY.formatted("all"));
    write(
        "workloads.yaml",
        """
        clusters: [{name: east}, {name: west}]
        workloads:
        - {name: a, cluster: west, command: [sleep, "1"]}
        """);
    Side side = read(false);
    assertThat(side.mesh().clusters().keySet()).containsExactly("east", "west");
    assertThat(side.mesh().workloads())
        .extracting(ProvedWorkload::qualifiedName)
        .containsExactly("west/default/a");
  }

  @Test
  void aRefusedPolicyIsNeverLeftOut() throws IOException {
    write("good.yaml", POLICY.formatted("good"));
    write("bad.yaml", POLICY.formatted("bad").replace("spec: {}", "spec: {action: ALOW}"));
    assertThatThrownBy(() -> read(false))
        .isInstanceOfSatisfying(
            UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("bad.yaml:4: spec.action: \"ALOW\" is not one of");
  }

  @Test
  void nothingThatCannotBeReadIsPassedOver() throws IOException {
    assertThatThrownBy(() -> Side.read(new FolderSide(List.of(folder.resolve("no")), false)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is not there");
    Files.write(folder.resolve("a.yaml"), "a: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> read(false))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("a.yaml is not UTF-8");
    write("a.yaml", "a: [");
    assertThatThrownBy(() -> read(false))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("a.yaml:1: this is not YAML");
  }

  @Test
  void twoPoliciesOfOneNameAreAnError() throws IOException {
    write("a.yaml", POLICY.formatted("one"));
    write("b.yaml", POLICY.formatted("one"));
    assertThatThrownBy(() -> read(false))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("SLV7209");
  }

  @Test
  void onlyAFileThatChangedIsReadAgain() throws IOException {
    write("a.yaml", POLICY.formatted("one"));
    write("b.yaml", POLICY.formatted("two"));
    FolderSide side = new FolderSide(List.of(folder), false);
    var first = side.read().getFirst().input().resources();
    write("b.yaml", POLICY.formatted("three"));
    var second = side.read().getFirst().input().resources();
    assertThat(second.getFirst()).isSameAs(first.getFirst());
    assertThat(second.getLast().meta().name()).isEqualTo("three");
  }
}
