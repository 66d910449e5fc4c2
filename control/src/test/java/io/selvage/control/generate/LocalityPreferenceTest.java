package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose word counts for which endpoints are preferred. */
class LocalityPreferenceTest {
  private static MeshService service(String spec) {
    var read =
        ResourceReader.read(
            "test",
            "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{port: 80}]"
                + spec
                + "}}");
    return ServiceRegistry.of(MeshSnapshot.of(1, read.resources(), List.of()), List.of())
        .services()
        .getFirst();
  }

  private static final MeshService PLAIN = service("");
  private static final MeshService CLOSE = service(", trafficDistribution: PreferClose");

  private static MeshConfig mesh(String setting) {
    return (MeshConfig)
        ResourceReader.read("mesh", "kind: MeshConfig\nlocalityLbSetting: " + setting + "\n")
            .resources()
            .getFirst();
  }

  private static Optional<TrafficPolicy> ruled(String policy) {
    var rule =
        (DestinationRule)
            ResourceReader.read(
                    "rule",
                    "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: web, namespace: shop}, spec: {host: web, trafficPolicy: "
                        + policy
                        + "}}")
                .resources()
                .getFirst();
    return rule.trafficPolicy();
  }

  @Test
  void nothingIsPreferredWithoutAWordOrOutlierDetection() {
    assertThat(LocalityPreference.of(PLAIN, Optional.empty(), MeshConfig.DEFAULTS).isAny())
        .isFalse();
    assertThat(
            LocalityPreference.of(PLAIN, ruled("{outlierDetection: {}}"), MeshConfig.DEFAULTS)
                .isAny())
        .isTrue();
  }

  @Test
  void aServicesWordComesBeforeTheMeshsAndNeedsNoOutlierDetection() {
    LocalityPreference close =
        LocalityPreference.of(CLOSE, Optional.empty(), mesh("{enabled: false}"));
    assertThat(close.isAny()).isTrue();
    assertThat(close.failover()).isTrue();
    assertThat(close.weighsLocalities()).isTrue();
    assertThat(close.setting().failoverPriority())
        .containsExactly(
            "topology.istio.io/network",
            "topology.kubernetes.io/region",
            "topology.kubernetes.io/zone");
    assertThat(LocalityPreference.of(PLAIN, Optional.empty(), mesh("{enabled: false}")).isAny())
        .isFalse();
  }

  @Test
  void aRulesWordComesFirst() {
    Optional<TrafficPolicy> off =
        ruled("{loadBalancer: {localityLbSetting: {enabled: false}}, outlierDetection: {}}");
    assertThat(LocalityPreference.of(CLOSE, off, MeshConfig.DEFAULTS).isAny()).isFalse();
    LocalityPreference byLabel =
        LocalityPreference.of(
            CLOSE,
            ruled("{loadBalancer: {localityLbSetting: {failoverPriority: [version]}}}"),
            MeshConfig.DEFAULTS);
    assertThat(byLabel.setting().failoverPriority()).containsExactly("version");
    assertThat(byLabel.failover()).as("nothing notices that one fails").isFalse();
  }
}
