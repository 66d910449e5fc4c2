package io.selvage.control.kubernetes.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** MeshConfig in a ConfigMap, of which two fields change and nothing else. */
class MeshSettingsTest {
  private static Optional<ConfigMap> map(String mesh) {
    return Optional.of(new ConfigMapBuilder().withData(Map.of("mesh", mesh)).build());
  }

  @Test
  void whatIsNotWrittenIsIstiosDefault() throws Exception {
    MeshSettings settings = MeshSettings.of(Optional.empty());
    assertThat(settings.trustDomain()).isEqualTo("cluster.local");
    assertThat(settings.aliases()).isEmpty();
  }

  @Test
  void allOtherFieldsStay() throws Exception {
    MeshSettings settings =
        MeshSettings.of(
            map(
                """
                accessLogFile: /dev/stdout
                trustDomain: old.mesh
                defaultConfig: {proxyMetadata: {A: "true"}, concurrency: 2}
                """));
    MeshSettings again =
        MeshSettings.of(map(settings.with("new.mesh", List.of("old.mesh")).yaml()));
    assertThat(again.trustDomain()).isEqualTo("new.mesh");
    assertThat(again.aliases()).containsExactly("old.mesh");
    assertThat(again.fields())
        .containsEntry("accessLogFile", "/dev/stdout")
        .containsEntry(
            "defaultConfig", Map.of("proxyMetadata", Map.of("A", "true"), "concurrency", 2));
  }

  @Test
  void noAliasesAreNoField() throws Exception {
    MeshSettings settings = MeshSettings.of(map("trustDomainAliases: [a]"));
    assertThat(settings.with("b", List.of()).fields()).doesNotContainKey("trustDomainAliases");
  }

  @Test
  void whatIsNoObjectIsRefused() {
    assertThatThrownBy(() -> MeshSettings.of(map("[1, 2]"))).hasMessageContaining("SLV7283");
    assertThatThrownBy(() -> MeshSettings.of(map("a: [b"))).hasMessageContaining("SLV7283");
  }
}
