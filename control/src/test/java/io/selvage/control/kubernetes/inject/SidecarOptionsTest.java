package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.MeshConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What annotations ask for: done, refused, or told that it has no effect. Never passed over. */
class SidecarOptionsTest {

  private static final InjectionSettings DEFAULTED =
      Pods.settings(
          List.of(),
          new ProxyDefaults(
              Optional.of("10.0.0.0/8"),
              Optional.of("10.9.0.0/16"),
              Optional.of("9090"),
              Optional.of("5432, 3306"),
              Optional.of("critical"),
              new SidecarResources(
                  Optional.empty(), Optional.of("224Mi"), Optional.of("1"), Optional.empty())));

  private static SidecarOptions read(Map<String, String> annotations) {
    return SidecarOptions.read(annotations, Pods.SETTINGS);
  }

  @Test
  void withoutAnnotationsTheInstallationsDefaultsHold() {
    SidecarOptions options = read(Map.of());
    assertThat(options.refused()).isEmpty();
    assertThat(options.warnings()).isEmpty();
    assertThat(options.nativeSidecar()).isTrue();
    assertThat(options.drain()).isEqualTo(Duration.ofSeconds(5));
    assertThat(options.capture()).containsExactly("--exclude-inbound-ports=15021,15090,15020");
  }

  @Test
  void theMeshsSettingsHoldWhereAPodSaysNothing() {
    InjectionSettings settings =
        Pods.SETTINGS.with(
            new MeshConfig.SidecarDefaults(
                Optional.of(true),
                Optional.of(Duration.ofSeconds(9)),
                OptionalInt.of(3),
                OptionalInt.of(16020),
                false,
                Map.of("ISTIO_META_A", "mesh", "ISTIO_META_B", "mesh", "POD_NAME", "mesh")));
    SidecarOptions silent = SidecarOptions.read(Map.of(), settings);
    assertThat(silent.refused()).isEmpty();
    assertThat(silent.warnings()).singleElement().asString().contains("proxyMetadata");
    assertThat(silent.hold()).isTrue();
    assertThat(silent.drain()).isEqualTo(Duration.ofSeconds(9));
    assertThat(silent.concurrency()).isEqualTo(3);
    assertThat(silent.statusPort()).isEqualTo(16020);
    assertThat(silent.mergeMetrics()).isFalse();
    assertThat(silent.variables())
        .containsExactlyInAnyOrderEntriesOf(Map.of("ISTIO_META_A", "mesh", "ISTIO_META_B", "mesh"));

    SidecarOptions asking =
        SidecarOptions.read(
            Map.of(
                "proxy.istio.io/config",
                "{holdApplicationUntilProxyStarts: false, terminationDrainDuration: 1s,"
                    + " concurrency: 0, statusPort: 17020, proxyMetadata: {ISTIO_META_B: pod}}",
                "prometheus.istio.io/merge-metrics",
                "true"),
            settings);
    assertThat(asking.hold()).isFalse();
    assertThat(asking.drain()).isEqualTo(Duration.ofSeconds(1));
    assertThat(asking.concurrency()).isZero();
    assertThat(asking.statusPort()).isEqualTo(17020);
    assertThat(asking.mergeMetrics()).isTrue();
    assertThat(asking.variables())
        .containsEntry("ISTIO_META_A", "mesh")
        .containsEntry("ISTIO_META_B", "pod");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traffic.sidecar.istio.io/includeInboundPorts | * | --include-inbound-ports=*",
        "traffic.sidecar.istio.io/includeInboundPorts | '' | --include-inbound-ports=",
        "traffic.sidecar.istio.io/includeInboundPorts | '80, 443' | --include-inbound-ports=80,443",
        "traffic.sidecar.istio.io/excludeInboundPorts | 9090 | --exclude-inbound-ports=15021,15090,15020,9090",
        "traffic.sidecar.istio.io/includeOutboundIPRanges | 10.0.0.0/8,fd00::/8 | --include-outbound-ranges=10.0.0.0/8,fd00:0:0:0:0:0:0:0/8",
        "traffic.sidecar.istio.io/excludeOutboundIPRanges | 169.254.169.254/32 | --exclude-outbound-ranges=169.254.169.254/32",
        "traffic.sidecar.istio.io/includeOutboundPorts | 80 | --include-outbound-ports=80",
        "traffic.sidecar.istio.io/excludeOutboundPorts | 3306 | --exclude-outbound-ports=3306",
        "traffic.sidecar.istio.io/excludeInterfaces | eth1,net0 | --exclude-interfaces=eth1,net0",
        "traffic.sidecar.istio.io/kubevirtInterfaces | k6t-0 | --reroute-interfaces=k6t-0",
        "istio.io/reroute-virtual-interfaces | k6t-1 | --reroute-interfaces=k6t-1",
        "status.sidecar.istio.io/port | 16020 | --exclude-inbound-ports=15021,15090,16020",
      })
  void captureIsToldWhatTrafficAnnotationsSay(String name, String value, String argument) {
    SidecarOptions options = read(Map.of(name, value));
    assertThat(options.refused()).isEmpty();
    assertThat(options.warnings()).isEmpty();
    assertThat(options.capture()).contains(argument);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traffic.sidecar.istio.io/includeInboundPorts | http",
        "traffic.sidecar.istio.io/excludeInboundPorts | *",
        "traffic.sidecar.istio.io/excludeInboundPorts | 0",
        "traffic.sidecar.istio.io/excludeInboundPorts | 65536",
        "traffic.sidecar.istio.io/excludeInboundPorts | '80,,81'",
        "traffic.sidecar.istio.io/includeOutboundIPRanges | 10.0.0.0",
        "traffic.sidecar.istio.io/excludeOutboundIPRanges | *",
        "traffic.sidecar.istio.io/excludeOutboundIPRanges | 10.0.0.0/33",
        "traffic.sidecar.istio.io/excludeOutboundIPRanges | example.com/8",
        "traffic.sidecar.istio.io/excludeInterfaces | 'eth0; flush ruleset'",
        "traffic.sidecar.istio.io/excludeInterfaces | a-name-that-is-too-long",
        "traffic.sidecar.istio.io/kubevirtInterfaces | '\"'",
        "sidecar.istio.io/interceptionMode | TPROXY",
        "sidecar.istio.io/interceptionMode | NONE",
        "sidecar.istio.io/nativeSidecar | often",
        "sidecar.istio.io/rewriteAppHTTPProbers | maybe",
        "sidecar.istio.io/proxyCPU | lots",
        "sidecar.istio.io/proxyMemoryLimit | 128 Mi",
        "sidecar.istio.io/proxyImage | 'a b'",
        "sidecar.istio.io/logLevel | loud",
        "sidecar.istio.io/userVolume | '[]'",
        "sidecar.istio.io/userVolumeMount | '{'",
        "status.sidecar.istio.io/port | 0",
        "status.sidecar.istio.io/port | 15021",
        "readiness.status.sidecar.istio.io/periodSeconds | -1",
        "inject.istio.io/templates | gateway",
        "inject.istio.io/templates | sidecar,custom",
        "prometheus.istio.io/merge-metrics | si",
        "proxy.istio.io/config | 'a: b: c'",
        "proxy.istio.io/config | 'noSuchField: 1'",
        "proxy.istio.io/config | 'discoveryAddress: elsewhere:15012'",
        "proxy.istio.io/config | 'caCertificatesPem: [x]'",
        "proxy.istio.io/config | 'interceptionMode: TPROXY'",
        "proxy.istio.io/config | 'terminationDrainDuration: 5'",
        "proxy.istio.io/config | 'holdApplicationUntilProxyStarts: [true]'",
        "proxy.istio.io/config | 'proxyMetadata: {POD_NAME: other}'",
        "proxy.istio.io/config | 'proxyMetadata: {\"a=b\": c}'",
      })
  void whatCannotBeHadIsRefusedByName(String name, String value) {
    SidecarOptions options = read(Map.of(name, value));
    assertThat(options.refused()).hasSize(1).first().asString().contains(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sidecar.istio.io/statsInclusionPrefixes | cluster.outbound",
        "sidecar.istio.io/bootstrapOverride | mine",
        "sidecar.istio.io/proxyImage | docker.io/istio/proxyv2:1.27.0-distroless",
        "sidecar.istio.io/proxyImageType | distroless",
        "proxy.istio.io/config | 'image: {imageType: distroless}'",
        "traffic.sidecar.istio.io/excludeOutboundPort | 80",
        "proxy.istio.io/config | 'drainDuration: 45s'",
        "proxy.istio.io/config | 'proxyMetadata: {ISTIO_META_DNS_CAPTURE: \"true\"}'",
        "proxy.istio.io/config | 'proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: \"true\"}'",
        "sidecar.istio.io/inject | yes",
      })
  void whatHasNoEffectIsTold(String name, String value) {
    SidecarOptions options = read(Map.of(name, value));
    assertThat(options.refused()).isEmpty();
    assertThat(options.warnings()).hasSize(1).first().asString().contains(name);
  }

  @ParameterizedTest
  @CsvSource({
    "proxyv2, true",
    "proxyv2:1.27.0, true",
    "docker.io/istio/proxyv2, true",
    "docker.io/istio/proxyv2:1.27.0-distroless, true",
    "registry.example:5000/mirror/proxyv2:1.27, true",
    "gcr.io/istio-release/proxyv2@sha256:0123abcd, true",
    "gcr.io/gke-release/asm/proxyv2:1.27.3-asm.1@sha256:0123abcd, true",
    "registry.example:5000/proxyv2-distroless, true",
    "registry.redhat.io/openshift-service-mesh/istio-proxyv2-rhel9:1.27, true",
    "example.com/proxyv2/selvage:2, false",
    "example.com/selvage:proxyv2, false",
    "example.com/proxyv21:1, false",
    "example.com/my-proxyv2:1, false",
    "localhost/selvage:test, false",
  })
  void anEnvoyImageThatIsPinnedIsPassedOverSinceNoSelvageIsInIt(String image, boolean envoy) {
    SidecarOptions options = read(Map.of("sidecar.istio.io/proxyImage", image));
    assertThat(options.refused()).isEmpty();
    assertThat(options.image()).isEqualTo(envoy ? Pods.SETTINGS.image() : image);
    assertThat(options.warnings()).hasSize(envoy ? 1 : 0).allMatch(told -> told.contains(image));
  }

  @Test
  void everyProblemIsToldAtOnce() {
    SidecarOptions options =
        read(
            Map.of(
                "sidecar.istio.io/interceptionMode", "TPROXY",
                "traffic.sidecar.istio.io/excludeInboundPorts", "http",
                "proxy.istio.io/config", "{noSuchField: 1, meshId: other}"));
    assertThat(options.refused()).hasSize(4);
  }

  @Test
  void aProxyConfigIsReadInBothOfProtobufsSpellings() {
    SidecarOptions options =
        read(
            Map.of(
                "proxy.istio.io/config",
                """
                hold_application_until_proxy_starts: true
                terminationDrainDuration: 1.5s
                concurrency: 3
                proxyMetadata: {ISTIO_META_TEAM: web}
                """));
    assertThat(options.refused()).isEmpty();
    assertThat(options.hold()).isTrue();
    assertThat(options.drain()).isEqualTo(Duration.ofMillis(1500));
    assertThat(options.concurrency()).isEqualTo(3);
    assertThat(options.variables()).containsExactly(Map.entry("ISTIO_META_TEAM", "web"));
  }

  @Test
  void oneResourceTakesThePlaceOfAllDefaults() {
    assertThat(read(Map.of("sidecar.istio.io/proxyCPU", "250m")).resources())
        .hasToString("{\"requests\":{\"cpu\":\"250m\"}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // annotation, what it takes the place of, what is left of the installation's
        "traffic.sidecar.istio.io/excludeOutboundPorts | 80 | --exclude-outbound-ports=80",
        "traffic.sidecar.istio.io/excludeOutboundPorts | '' | --exclude-outbound-ports=",
        "traffic.sidecar.istio.io/excludeInboundPorts | 80 | --exclude-inbound-ports=15021,15090,15020,80",
        "traffic.sidecar.istio.io/excludeInboundPorts | '' | --exclude-inbound-ports=15021,15090,15020",
        "traffic.sidecar.istio.io/excludeOutboundIPRanges | 192.0.2.0/24 | --exclude-outbound-ranges=192.0.2.0/24",
        "traffic.sidecar.istio.io/includeOutboundIPRanges | * | --include-outbound-ranges=*",
        "traffic.sidecar.istio.io/includeOutboundIPRanges | '' | --include-outbound-ranges=",
      })
  void anAnnotationTakesThePlaceOfTheInstallationsDefaultAndOfNoOther(
      String name, String value, String argument) {
    List<String> installations =
        List.of(
            "--exclude-inbound-ports=15021,15090,15020,9090",
            "--include-outbound-ranges=10.0.0.0/8",
            "--exclude-outbound-ranges=10.9.0.0/16",
            "--exclude-outbound-ports=5432,3306");
    assertThat(SidecarOptions.read(Map.of(), DEFAULTED).capture())
        .containsExactlyElementsOf(installations);
    String option = argument.substring(0, argument.indexOf('='));
    SidecarOptions options = SidecarOptions.read(Map.of(name, value), DEFAULTED);
    assertThat(options.warnings()).isEmpty();
    assertThat(options.capture())
        .containsExactlyElementsOf(
            installations.stream()
                .map(one -> one.startsWith(option + "=") ? argument : one)
                .toList());
  }

  @Test
  void theInstallationsLevelComesBehindBothAnnotations() {
    assertThat(SidecarOptions.read(Map.of(), DEFAULTED).logLevel()).isEqualTo("error");
    for (String name : List.of("sidecar.istio.io/logLevel", "sidecar.istio.io/agentLogLevel")) {
      assertThat(SidecarOptions.read(Map.of(name, "debug"), DEFAULTED).logLevel())
          .isEqualTo("debug");
    }
  }

  @Test
  void theInstallationsResourcesHoldTogetherOrNotAtAll() {
    assertThat(SidecarOptions.read(Map.of(), DEFAULTED).resources())
        .hasToString("{\"requests\":{\"memory\":\"224Mi\"},\"limits\":{\"cpu\":\"1\"}}");
    assertThat(
            SidecarOptions.read(Map.of("sidecar.istio.io/proxyMemory", "1Gi"), DEFAULTED)
                .resources())
        .hasToString("{\"requests\":{\"memory\":\"1Gi\"}}");
  }

  @Test
  void levelsOfEnvoysAreSelvages() {
    assertThat(read(Map.of("sidecar.istio.io/logLevel", "warning")).logLevel()).isEqualTo("warn");
    assertThat(read(Map.of("sidecar.istio.io/agentLogLevel", "default:debug")).logLevel())
        .isEqualTo("debug");
    assertThat(List.of(read(Map.of()).logLevel())).containsExactly("info");
  }
}
