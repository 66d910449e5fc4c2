package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.control.kubernetes.inject.ClusterYaml;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What {@code selvage manifest} prints where no cluster is asked. */
class ManifestCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int manifest(String... options) {
    List<String> line = new ArrayList<>(List.of("manifest"));
    line.addAll(List.of(options));
    return SelvageCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(line.toArray(String[]::new));
  }

  private Set<String> kinds() {
    return ClusterYaml.read(out.toString()).stream()
        .map(object -> object.path("kind").asString())
        .collect(Collectors.toSet());
  }

  @Test
  void definitionsAreInItOrNotOrAlone() {
    assertThat(manifest()).isEqualTo(ExitCode.OK);
    assertThat(kinds()).contains("CustomResourceDefinition", "Deployment", "ConfigMap");
    out.getBuffer().setLength(0);
    assertThat(manifest("--no-crds")).isEqualTo(ExitCode.OK);
    assertThat(kinds()).doesNotContain("CustomResourceDefinition").contains("Deployment");
    out.getBuffer().setLength(0);
    assertThat(manifest("--crds-only")).isEqualTo(ExitCode.OK);
    assertThat(kinds()).containsExactly("CustomResourceDefinition");
    assertThat(manifest("--crds-only", "--no-crds")).isEqualTo(ExitCode.USAGE);
    assertThat(manifest("--crds-only", "--gateway", "--network", "n")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void anotherOptionGoesBeforeAFileOfValues(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), "{cluster: east, meshId: m}\n");
    assertThat(manifest("--values", file.toString(), "--set", "meshId=n", "--replicas", "0"))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("--cluster=east", "--mesh-id=n", "PodDisruptionBudget")
        .doesNotContain("--mesh-id=m", "replicas:");
  }

  @Test
  void theControlPlaneTakesTheOptionsThatItIsGiven(@TempDir Path folder) throws IOException {
    String values =
        """
        meshId: m
        network: net
        revisionTags: [prod, stable]
        imagePullSecrets: [registry, mirror]
        sidecar:
          excludeOutboundPorts: 3306,5432
          excludeInboundPorts: "9000"
          includeIPRanges: 10.0.0.0/8
          excludeIPRanges: 10.1.0.0/16
          logLevel: debug
          cpuRequest: 50m
          memoryRequest: 200Mi
          cpuLimit: "2"
          memoryLimit: 1Gi
          pullPolicy: Always
          holdApplication: true
          neverInject: [{app: batch, tier: back}]
        """;
    Path file = Files.writeString(folder.resolve("values.yaml"), values);
    assertThat(manifest("--values", file.toString())).isEqualTo(ExitCode.OK);
    String[] arguments =
        ClusterYaml.read(out.toString()).stream()
            .map(object -> object.at("/spec/template/spec/containers/0/args"))
            .filter(JsonNode::isArray)
            .flatMap(args -> args.values().stream())
            .map(JsonNode::asString)
            .toArray(String[]::new);
    assertThat(arguments)
        .startsWith("control")
        .contains("--mesh-id=m", "--hold-application", "--never-inject=app=batch,tier=back")
        .contains("--revision-tag=prod", "--revision-tag=stable", "--sidecar-pull-secret=mirror")
        .contains("--sidecar-exclude-outbound-ports=3306,5432", "--sidecar-memory-limit=1Gi");
    assertThat(SelvageCommand.commandLine().parseArgs(arguments).unmatched()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sidecar.excludeOutboundPorts=99999",
        "sidecar.excludeIPRanges=10.0.0.0/99",
        "sidecar.memoryLimit=100Mi sidecar.memoryRequest=1Gi",
      })
  void whatNoControlPlaneTakesIsRefused(String settings) {
    List<String> line = new ArrayList<>();
    for (String each : settings.split(" ", -1)) {
      line.addAll(List.of("--set", each));
    }
    assertThat(manifest(line.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--sidecar-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sidecar.memoryLimit=128Mi", "sidecar.cpuLimit=50m", "sidecar.memoryRequest=2Gi"})
  void theStandardGivesWayToWhatIsChosen(String setting) {
    assertThat(manifest("--set", setting)).isEqualTo(ExitCode.OK);
  }

  @Test
  void theMeshConfigurationMayBeSomebodyElses() {
    assertThat(manifest("--set", "meshConfig.create=false")).isEqualTo(ExitCode.OK);
    assertThat(kinds()).doesNotContain("ConfigMap").contains("Deployment");
  }

  @Test
  void whatIsNoSettingOrNoFileIsAUsageError(@TempDir Path folder) throws IOException {
    assertThat(manifest("--set", "sidecar.colour=red")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("there is no setting sidecar.colour");
    assertThat(manifest("--values", folder.resolve("none.yaml").toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("none.yaml");
    Path list = Files.writeString(folder.resolve("list.yaml"), "- a\n");
    assertThat(manifest("--values", list.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("settings by name");
  }
}
