package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.inject.ClusterYaml;
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

  @Test
  void nothingThatIsIrretrievableGoesWithARelease() {
    List<ManifestObject> kept =
        manifest(InstallSettings.DEFAULTS).objects().stream()
            .filter(
                object ->
                    object.kind() == ObjectKind.CUSTOM_RESOURCE_DEFINITION
                        || object.kind() == ObjectKind.CONFIG_MAP)
            .toList();
    assertThat(kept)
        .hasSize(Definition.ALL.size() + 1)
        .allSatisfy(
            object ->
                assertThat(
                        object
                            .content()
                            .path("metadata")
                            .path("annotations")
                            .path("helm.sh/resource-policy")
                            .asString(""))
                    .isEqualTo("keep"));
  }

  @Test
  void theMeshConfigurationIsMadeOnceAlwaysOrNever() {
    assertThat(meshConfigs("auto"))
        .extracting(ManifestObject::kept)
        .containsExactly(ManifestObject.Kept.MADE_ONCE);
    assertThat(meshConfigs("true"))
        .extracting(ManifestObject::kept)
        .containsExactly(ManifestObject.Kept.APPLIED);
    assertThat(meshConfigs("false")).isEmpty();
    assertThat(manifest(InstallSettings.DEFAULTS.with("meshConfig.create", "false")).without())
        .as("somebody else's is not taken away")
        .extracting(ManifestObject::kind)
        .doesNotContain(ObjectKind.CONFIG_MAP);
  }

  private static List<ManifestObject> meshConfigs(String create) {
    return manifest(InstallSettings.DEFAULTS.with("meshConfig.create", create)).objects().stream()
        .filter(object -> object.kind() == ObjectKind.CONFIG_MAP)
        .toList();
  }

  @Test
  void imagesArePulledByTheSecretsThatAreNamed() {
    assertThat(object(InstallSettings.DEFAULTS, "ServiceAccount").has("imagePullSecrets"))
        .isFalse();
    InstallSettings settings =
        InstallSettings.DEFAULTS.with("imagePullSecrets", "one,two").with("network", "net");
    String both = "[{\"name\":\"one\"},{\"name\":\"two\"}]";
    assertThat(object(settings, "ServiceAccount").path("imagePullSecrets")).hasToString(both);
    assertThat(
            EastWestGateway.objects(manifest(settings))
                .getFirst()
                .content()
                .path("imagePullSecrets"))
        .hasToString(both);
    assertThat(
            object(settings, "Deployment").at("/spec/template/spec/containers/0/args").toString())
        .contains("\"--sidecar-pull-secret=one\",\"--sidecar-pull-secret=two\"");
  }

  private static JsonNode object(InstallSettings settings, String kind) {
    return manifest(settings).objects().stream()
        .map(ManifestObject::content)
        .filter(content -> content.path("kind").asString().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoScalesByHimselfIsNotContradicted() {
    InstallSettings scaled = InstallSettings.DEFAULTS.with("replicas", "0");
    assertThat(object(scaled, "Deployment").path("spec").has("replicas")).isFalse();
    assertThat(object(scaled, "PodDisruptionBudget").path("spec").path("maxUnavailable").asInt())
        .isEqualTo(1);
    assertThat(manifest(scaled).without()).isEmpty();
  }

  @Test
  void whereItsPodsRunIsSaidInKubernetesOwnWords() {
    InstallSettings settings =
        InstallSettings.DEFAULTS
            .with("nodeSelector", "{pool: infra}")
            .with("tolerations", "[{key: infra, operator: Exists}]")
            .with("affinity", "{nodeAffinity: {}}")
            .with("topologySpreadConstraints", "[{maxSkew: 1}]")
            .with("priorityClassName", "system-cluster-critical")
            .with("podAnnotations", "{prometheus.io/scrape: 'false', team: mesh}")
            .with("podLabels", "{app: other, team: mesh}")
            .with("serviceAnnotations", "{a: b}");
    JsonNode template = object(settings, "Deployment").at("/spec/template");
    JsonNode spec = template.path("spec");
    assertThat(spec.path("nodeSelector")).hasToString("{\"pool\":\"infra\"}");
    assertThat(spec.at("/tolerations/0/operator").asString()).isEqualTo("Exists");
    assertThat(spec.path("affinity")).as("ours goes").hasToString("{\"nodeAffinity\":{}}");
    assertThat(spec.at("/topologySpreadConstraints/0/maxSkew").asInt()).isEqualTo(1);
    assertThat(spec.path("priorityClassName").asString()).isEqualTo("system-cluster-critical");
    assertThat(template.at("/metadata/annotations"))
        .hasToString(
            "{\"prometheus.io/scrape\":\"false\",\"prometheus.io/port\":\"15014\",\"team\":\"mesh\"}");
    assertThat(template.at("/metadata/labels/app").asString())
        .as("the Service's selector holds")
        .isEqualTo("selvage");
    assertThat(template.at("/metadata/labels/team").asString()).isEqualTo("mesh");
    assertThat(object(settings, "Service").at("/metadata/annotations"))
        .hasToString("{\"a\":\"b\"}");
  }

  @Test
  void whatIsSetNowhereIsNowhere() {
    JsonNode deployment = object(InstallSettings.DEFAULTS, "Deployment");
    assertThat(deployment.at("/spec/template/spec").propertyNames())
        .containsExactlyInAnyOrder(
            "serviceAccountName", "securityContext", "affinity", "containers", "volumes");
    assertThat(deployment.at("/spec/template/spec/affinity").has("podAntiAffinity")).isTrue();
  }

  @Test
  void tagsAskForUsWhereOurRevisionDoes() {
    List<String> values = new ArrayList<>();
    JsonNode hooks =
        object(
                InstallSettings.DEFAULTS
                    .with("revisionTags", "prod,selvage,stable")
                    .with("istioLabels", "no"),
                "MutatingWebhookConfiguration")
            .path("webhooks");
    for (JsonNode hook : hooks) {
      for (String selector : List.of("namespaceSelector", "objectSelector")) {
        for (JsonNode expression : hook.path(selector).path("matchExpressions")) {
          if (expression.path("key").asString().equals("istio.io/rev")
              && expression.path("operator").asString().equals("In")) {
            values.add(selector + " " + expression.path("values"));
          }
        }
      }
    }
    String all = " [\"selvage\",\"prod\",\"stable\"]";
    assertThat(values).containsExactly("namespaceSelector" + all, "objectSelector" + all);
  }

  @Test
  void onlyPoliciesAndDestinationRulesWaitForTheControlPlane() {
    List<String> failing = new ArrayList<>();
    for (JsonNode hook :
        object(InstallSettings.DEFAULTS, "ValidatingWebhookConfiguration").path("webhooks")) {
      if (hook.path("failurePolicy").asString().equals("Fail")) {
        hook.path("rules")
            .forEach(
                rule ->
                    rule.path("resources")
                        .forEach(
                            kind -> failing.add(kind.asString() + " " + rule.path("operations"))));
      }
    }
    String changes = " [\"CREATE\",\"UPDATE\"]";
    assertThat(failing)
        .containsExactly(
            "authorizationpolicies" + changes,
            "peerauthentications" + changes,
            "requestauthentications" + changes,
            "destinationrules" + changes);
  }

  @Test
  void definitionsCanBePrintedAlone() {
    assertThat(ClusterYaml.read(manifest(InstallSettings.DEFAULTS).definitionsYaml(_ -> true)))
        .hasSize(Definition.ALL.size())
        .allSatisfy(
            object ->
                assertThat(object.path("kind").asString()).isEqualTo("CustomResourceDefinition"));
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
