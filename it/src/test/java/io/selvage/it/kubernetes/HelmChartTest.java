package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.ObjectKind;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The Helm chart, rendered by Helm, has the objects of {@code selvage manifest}. */
@Tag("real")
final class HelmChartTest {
  private static final String CHART = "../deploy/helm/selvage";

  private static Tool.Ran helm(String namespace, List<String> settings) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Tool.peer("helm").toString(),
                "template",
                "selvage",
                CHART,
                "--namespace",
                namespace,
                "--include-crds"));
    settings.forEach(
        each ->
            line.addAll(List.of(each.startsWith("replicas=") ? "--set" : "--set-string", each)));
    return Tool.run(Map.of("HELM_NO_PLUGINS", "1"), line);
  }

  private static String version() {
    String chart =
        Tool.run(Map.of(), List.of(Tool.peer("helm").toString(), "show", "chart", CHART))
            .well()
            .out();
    return Manifest.read(chart).getFirst().path("appVersion").asString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "replicas=3",
        "image=registry.example/selvage:1.2,cpu=2,memory=512Mi,memoryLimit=2Gi",
        "istioLabels=yes,nativeSidecars=false",
        "istioLabels=no,cluster=east,network=net-a,trustDomain=example.org"
      })
  void theObjectsAreTheSame(String settings) {
    List<String> each = settings.isEmpty() ? List.of() : List.of(settings.split(","));
    InstallSettings wanted = InstallSettings.DEFAULTS;
    for (String setting : each) {
      int equals = setting.indexOf('=');
      wanted = wanted.with(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Map<String, JsonNode> ours = new TreeMap<>();
    io.selvage.control.kubernetes.install.Manifest.of("mesh-home", version(), wanted, false)
        .objects()
        .stream()
        .filter(object -> object.kind() != ObjectKind.NAMESPACE) // Helm's --create-namespace
        .forEach(object -> ours.put(Manifest.id(object.content()), object.content()));
    Map<String, JsonNode> charts = new TreeMap<>();
    Manifest.read(helm("mesh-home", each).well().out())
        .forEach(object -> charts.put(Manifest.id(object), object));
    assertThat(charts.keySet()).isEqualTo(ours.keySet());
    ours.forEach((id, object) -> assertThat(charts.get(id)).as(id).isEqualTo(object));
  }

  @Test
  void whatIsNoSettingIsRefused() {
    Tool.Ran ran = helm("mesh-home", List.of("replica=3"));
    assertThat(ran.exit()).isNotZero();
    assertThat(ran.err()).contains("replica");
  }
}
