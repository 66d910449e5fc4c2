package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.ObjectKind;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The Helm chart, rendered by Helm, has the objects of {@code selvage manifest}. */
@Tag("real")
final class HelmChartTest {
  private static final String CHART = "../deploy/helm/selvage";

  @TempDir private static Path folder;

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
    line.addAll(settings);
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
        "replicas=0",
        "image=registry.example/selvage:1.2,cpu=2,memory=512Mi,memoryLimit=2Gi",
        "istioLabels=yes,nativeSidecars=false",
        "istioLabels=no,cluster=east,network=net-a,trustDomain=example.org"
      })
  void theObjectsAreTheSame(String settings) {
    List<String> options = new ArrayList<>();
    InstallSettings wanted = InstallSettings.DEFAULTS;
    for (String setting : settings.isEmpty() ? new String[0] : settings.split(",", -1)) {
      int equals = setting.indexOf('=');
      wanted = wanted.with(setting.substring(0, equals), setting.substring(equals + 1));
      options.add(setting.startsWith("replicas=") ? "--set" : "--set-string");
      options.add(setting);
    }
    same(wanted, options);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        istioLabels: no
        meshConfig: {create: false}
        nativeSidecars: true
        imagePullSecrets: [one, two.example]
        meshId: mesh1
        revisionTags: [prod, stable]
        """,
        """
        istioLabels: yes
        revisionTags: [prod, default]
        meshConfig: {create: true}
        """,
        """
        sidecar:
          pullPolicy: Always
          holdApplication: true
          neverInject:
            - {app-kind: back, app: batch}
            - {job-name: "7"}
          excludeOutboundPorts: "3306,5432"
          excludeInboundPorts: "9100"
          includeIPRanges: "*"
          excludeIPRanges: 10.1.0.0/16,fd00::/8
          logLevel: debug
          cpuRequest: 50m
          memoryRequest: 64Mi
          cpuLimit: "2"
          memoryLimit: none
        """,
        """
        nodeSelector: {kubernetes.io/os: linux}
        tolerations:
          - {key: infra, operator: Exists, effect: NoExecute, tolerationSeconds: 6000000}
        affinity:
          nodeAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              nodeSelectorTerms:
                - matchExpressions: [{key: cpus, operator: Gt, values: ["4"]}]
        topologySpreadConstraints:
          - maxSkew: 1
            topologyKey: topology.kubernetes.io/zone
            whenUnsatisfiable: ScheduleAnyway
            labelSelector: {matchLabels: {app: selvage}}
        priorityClassName: system-cluster-critical
        podLabels: {app: other, sidecar.istio.io/inject: "true", team: mesh}
        podAnnotations: {prometheus.io/scrape: "false", note: "a <b> & 'c': #1"}
        serviceAnnotations: {note: "yes"}
        """,
        """
        affinity:
        sidecar: {logLevel: , includeIPRanges: "10.0.0.0/8"}
        """
      })
  void aFileOfValuesMeansTheSameToBoth(String values) throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), values);
    InstallSettings wanted = InstallSettings.DEFAULTS;
    for (var each : InstallSettings.named(values).entrySet()) {
      wanted = wanted.with(each.getKey(), each.getValue());
    }
    same(wanted, List.of("--values", file.toString()));
  }

  private static void same(InstallSettings wanted, List<String> options) {
    Map<String, JsonNode> ours = new TreeMap<>();
    io.selvage.control.kubernetes.install.Manifest.of("mesh-home", version(), wanted, false)
        .objects()
        .stream()
        .filter(object -> object.kind() != ObjectKind.NAMESPACE) // Helm's --create-namespace
        .forEach(object -> ours.put(Manifest.id(object.content()), object.content()));
    Map<String, JsonNode> charts = new TreeMap<>();
    Manifest.read(helm("mesh-home", options).well().out())
        .forEach(object -> charts.put(Manifest.id(object), object));
    assertThat(charts.keySet()).isEqualTo(ours.keySet());
    ours.forEach((id, object) -> assertThat(charts.get(id)).as(id).isEqualTo(object));
  }

  @Test
  void whatIsNoSettingIsRefused() {
    Tool.Ran ran = helm("mesh-home", List.of("--set", "replica=3"));
    assertThat(ran.exit()).isNotZero();
    assertThat(ran.err()).contains("replica");
  }
}
