package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.source.WatchedKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class ManifestTest {
  private static Manifest manifest(InstallSettings settings) {
    return Manifest.of("istio-system", "1.2.3", settings, true);
  }

  @Test
  void everyKindOfIstiosThatIsReadHasADefinition() {
    assertThat(Definition.ALL.stream().map(each -> each.plural() + "." + each.group()))
        .containsAll(
            Arrays.stream(WatchedKind.values())
                .filter(WatchedKind::isCustom)
                .map(WatchedKind::definition)
                .toList());
  }

  @Test
  void itsRolesAreThePermissionsThatTheControlPlaneAsksForAndNoMore() {
    List<String> given = new ArrayList<>();
    for (ManifestObject object : manifest(InstallSettings.DEFAULTS).objects()) {
      for (JsonNode rule : object.content().path("rules")) {
        for (JsonNode resource : rule.path("resources")) {
          given.add(
              "%s %s/%s %s %s"
                  .formatted(
                      rule.path("verbs"),
                      rule.path("apiGroups").path(0).asString(),
                      resource.asString(),
                      object.namespace(),
                      rule.path("resourceNames").path(0).asString("")));
        }
      }
    }
    assertThat(given)
        .containsExactlyInAnyOrderElementsOf(
            Permission.needed("istio-system").stream()
                .map(
                    each ->
                        "[%s] %s/%s %s %s"
                            .formatted(
                                String.join(
                                    ",", each.verbs().stream().map(v -> "\"" + v + "\"").toList()),
                                each.group(),
                                each.resource(),
                                each.namespace(),
                                each.name()))
                .toList());
  }

  @Test
  void theWebhooksComeLastAndWithoutABundle() {
    List<ManifestObject> objects = manifest(InstallSettings.DEFAULTS).objects();
    assertThat(objects.subList(objects.size() - 2, objects.size()))
        .extracting(ManifestObject::kind)
        .containsExactly(ObjectKind.MUTATING_WEBHOOK, ObjectKind.VALIDATING_WEBHOOK);
    assertThat(objects.toString()).doesNotContain("caBundle");
  }

  @Test
  void whatOtherSettingsWouldHaveMadeIsKnown() {
    assertThat(manifest(InstallSettings.DEFAULTS).without())
        .extracting(ManifestObject::toString)
        .containsExactly("PodDisruptionBudget istio-system/selvage");
    assertThat(manifest(InstallSettings.DEFAULTS.with("replicas", "2")).without()).isEmpty();
  }

  @Test
  void istiosLabelsAreOursOnlyWhereTheyAreFree() {
    InstallSettings auto = InstallSettings.DEFAULTS;
    assertThat(entries(auto, true)).isEqualTo(7);
    assertThat(entries(auto, false)).isEqualTo(3);
    assertThat(entries(auto.with("istioLabels", "yes"), false)).isEqualTo(7);
    assertThat(entries(auto.with("istioLabels", "no"), true)).isEqualTo(3);
  }

  private static int entries(InstallSettings settings, boolean free) {
    return Manifest.of("istio-system", "1", settings, free).objects().stream()
        .filter(object -> object.kind() == ObjectKind.MUTATING_WEBHOOK)
        .findFirst()
        .orElseThrow()
        .content()
        .path("webhooks")
        .size();
  }
}
