package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InstallSettingsTest {
  @Test
  void whatIsRememberedIsRecalled() {
    InstallSettings settings =
        InstallSettings.DEFAULTS
            .with("replicas", "3")
            .with("cluster", "east")
            .with("network", "net-a")
            .with("istioLabels", "no")
            .with("image", "registry.example/selvage@sha256:00ff")
            .with("imagePullSecrets", "a, b.c")
            .with("sidecar.holdApplication", "true")
            .with("sidecar.neverInject", "[{app: batch, tier: back}]")
            .with("tolerations", "[{operator: Exists, tolerationSeconds: 60}]");
    assertThat(InstallSettings.recalled(settings.remembered())).isEqualTo(settings);
  }

  @Test
  void onlyWhatDiffersFromTheDefaultsIsRememberedSoThatNewDefaultsCome() {
    assertThat(InstallSettings.DEFAULTS.remembered()).isEqualTo("{}");
    assertThat(InstallSettings.DEFAULTS.with("replicas", "2").remembered())
        .isEqualTo("{\"replicas\":2}");
    assertThat(
            InstallSettings.DEFAULTS
                .with("sidecar.cpuLimit", "1")
                .with("meshId", "m")
                .with("sidecar.logLevel", "debug")
                .remembered())
        .as("in the order in which Helm writes it")
        .isEqualTo("{\"meshId\":\"m\",\"sidecar\":{\"cpuLimit\":\"1\",\"logLevel\":\"debug\"}}");
  }

  @Test
  void aFileOfValuesSaysWhatTheChartWouldTakeItFor() {
    String file =
        """
        istioLabels: no
        meshConfig: {create: false}
        replicas: 3
        imagePullSecrets: [one, two]
        nodeSelector: {disk: "1"}
        affinity: {nodeAffinity: {x: [1]}}
        sidecar:
          cpuRequest: 100m
          neverInject:
            - {app: batch}
        podLabels:
        """;
    InstallSettings settings = InstallSettings.DEFAULTS;
    for (var each : InstallSettings.named(file).entrySet()) {
      settings = settings.with(each.getKey(), each.getValue());
    }
    assertThat(settings.istioLabels()).isEqualTo(InstallSettings.IstioLabels.NO);
    assertThat(settings.meshConfig()).isEqualTo(InstallSettings.MeshConfig.FALSE);
    assertThat(settings.remembered())
        .isEqualTo(
            "{\"affinity\":{\"nodeAffinity\":{\"x\":[1]}},\"imagePullSecrets\":[\"one\",\"two\"],"
                + "\"istioLabels\":\"no\",\"meshConfig\":{\"create\":\"false\"},"
                + "\"nodeSelector\":{\"disk\":\"1\"},\"replicas\":3,"
                + "\"sidecar\":{\"cpuRequest\":\"100m\",\"neverInject\":[{\"app\":\"batch\"}]}}");
  }

  @Test
  void whatAFileOfValuesSaysOfNoSettingIsThereToBeRefused() {
    assertThat(InstallSettings.named("sidecar: {colour: red}\norbit: {low: 1}"))
        .containsOnlyKeys("sidecar.colour", "orbit");
    assertThat(InstallSettings.named("sidecar: off")).containsOnlyKeys("sidecar");
    assertThatThrownBy(() -> InstallSettings.named("- a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("settings by name");
  }

  @Test
  void whatTheControlPlaneTakesAsItIsBecomesItsOptions() {
    assertThat(InstallSettings.DEFAULTS.arguments()).isEmpty();
    InstallSettings settings =
        InstallSettings.DEFAULTS
            .with("sidecar.neverInject", "[{tier: back, app: batch}, {app: job}]")
            .with("sidecar.holdApplication", "true")
            .with("sidecar.excludeOutboundPorts", "3306,5432")
            .with("revisionTags", "stable,prod")
            .with("meshId", "mesh1")
            .with("imagePullSecrets", "pull");
    assertThat(settings.arguments())
        .containsExactly(
            "--sidecar-pull-secret=pull",
            "--mesh-id=mesh1",
            "--revision-tag=stable",
            "--revision-tag=prod",
            "--hold-application",
            "--never-inject=app=batch,tier=back",
            "--never-inject=app=job",
            "--sidecar-exclude-outbound-ports=3306,5432");
  }

  @Test
  void whatANewerVersionRememberedIsPassedOver() {
    assertThat(InstallSettings.recalled("{\"replicas\":2,\"orbit\":\"low\"}").replicas())
        .isEqualTo(2);
    assertThatThrownBy(() -> InstallSettings.recalled("{"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "replicas, -1",
    "replicas, 1.5",
    "replicas, many",
    "cluster, a b",
    "cluster, ''",
    "network, -x",
    "trustDomain, Example.org",
    "istioLabels, maybe",
    "meshConfig.create, yes",
    "meshConfig, auto",
    "imagePullSecrets, Upper",
    "imagePullSecrets, '[{name: a}]'",
    "revisionTags, a_b",
    "sidecar.holdApplication, 1",
    "sidecar.neverInject, '[{}]'",
    "sidecar.neverInject, app=batch",
    "sidecar.excludeOutboundPorts, all",
    "sidecar.includeIPRanges, 10.0.0.0",
    "sidecar.excludeIPRanges, *",
    "sidecar.logLevel, loud",
    "sidecar.pullPolicy, Sometimes",
    "sidecar.cpuLimit, lots",
    "nodeSelector, '{disk: 1}'",
    "nodeSelector, '{'",
    "tolerations, '{}'",
    "affinity, near",
    "podAnnotations, '{a: true}'",
    "priorityClassName, A",
    "nativeSidecars, yes",
    "cpu, lots",
    "memory, 1 Gi",
    "image, 'x; rm'",
    "imagee, x"
  })
  void whatCannotBeIsRefused(String name, String value) {
    assertThatThrownBy(() -> InstallSettings.DEFAULTS.with(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }
}
