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
            .with("image", "registry.example/selvage@sha256:00ff");
    assertThat(InstallSettings.recalled(settings.remembered())).isEqualTo(settings);
  }

  @Test
  void onlyWhatDiffersFromTheDefaultsIsRememberedSoThatNewDefaultsCome() {
    assertThat(InstallSettings.DEFAULTS.remembered()).isEqualTo("{}");
    assertThat(InstallSettings.DEFAULTS.with("replicas", "2").remembered())
        .isEqualTo("{\"replicas\":2}");
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
    "replicas, 0",
    "replicas, many",
    "cluster, a b",
    "cluster, ''",
    "network, -x",
    "trustDomain, Example.org",
    "istioLabels, true",
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
