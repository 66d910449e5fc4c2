package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.webhook.CaBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What {@code docs/kubernetes.md} says of the installation: its table of permissions, which {@code
 * make golden} writes, its settings, and its Application for Argo CD.
 */
final class KubernetesDocumentTest {
  private static final Path PAGE = Path.of("../docs/kubernetes.md");
  private static final String BEGIN = "<!-- permissions:begin -->\n";
  private static final String END = "<!-- permissions:end -->\n";

  @Test
  void itsTableOfPermissionsIsTheOneThatIsInstalled() throws IOException {
    String text = Files.readString(PAGE);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(end).as("the marks are there").isGreaterThanOrEqualTo(begin);
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(PAGE, text.substring(0, begin) + table() + text.substring(end));
    }
    assertThat(Files.readString(PAGE)).as("make golden writes it").contains(BEGIN + table() + END);
  }

  @Test
  void itNamesEachSetting() throws IOException {
    String text = Files.readString(PAGE);
    String settings =
        text.substring(text.indexOf("\n## Settings"), text.indexOf("\n## Permissions"));
    assertThat(Setting.ALL)
        .allSatisfy(
            each ->
                assertThat(settings)
                    .containsAnyOf("`" + each.title() + "`", "`" + each.path().getLast() + "`"));
  }

  @Test
  void itsApplicationHasSettingsThatThereAreAndPassesOverTheBundlesThatTheControlPlaneWrites()
      throws IOException {
    String text = Files.readString(PAGE);
    String block = text.split("<!-- argo:(begin|end) -->\n", -1)[1];
    JsonNode spec = ClusterYaml.read(block).getFirst().path("spec");
    InstallSettings settings = InstallSettings.DEFAULTS;
    String values = spec.at("/source/helm/valuesObject").toString();
    for (var each : InstallSettings.named(values).entrySet()) {
      settings = settings.with(each.getKey(), each.getValue());
    }
    assertThat(settings.meshConfig()).isEqualTo(InstallSettings.MeshConfig.FALSE);
    assertThat(settings.istioLabels()).isEqualTo(InstallSettings.IstioLabels.NO);
    assertThat(
            spec.path("ignoreDifferences").values().stream()
                .map(each -> each.path("kind").asString() + " " + each.path("name").asString()))
        .containsExactlyElementsOf(
            Manifest.of("istio-system", "1", settings, false).objects().stream()
                .filter(
                    object ->
                        object.kind() == ObjectKind.MUTATING_WEBHOOK
                            || object.kind() == ObjectKind.VALIDATING_WEBHOOK)
                .map(ManifestObject::toString)
                .toList());
    assertThat(text).contains("managedFieldsManagers: [" + CaBundles.MANAGER + "]");
  }

  private static String table() {
    return "| may | what | of | where |\n|---|---|---|---|\n"
        + Permission.needed("istio-system").stream()
            .map(KubernetesDocumentTest::row)
            .collect(Collectors.joining());
  }

  private static String row(Permission permission) {
    return "| %s | `%s`%s | %s | %s |\n"
        .formatted(
            String.join(", ", permission.verbs()),
            permission.resource(),
            permission.name().isEmpty() ? "" : ": `" + permission.name() + "`",
            permission.group().isEmpty() ? "core" : "`" + permission.group() + "`",
            permission.namespace().isEmpty() ? "everywhere" : "`" + permission.namespace() + "`");
  }
}
