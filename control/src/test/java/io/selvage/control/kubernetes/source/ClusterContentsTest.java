package io.selvage.control.kubernetes.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.source.ClusterContents.ObjectId;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterContentsTest {
  private static final ObjectId POLICY = new ObjectId("AuthorizationPolicy", "pay", "p");
  private static final ObjectId SETTINGS = new ObjectId("ConfigMap", "istio-system", "istio");

  private final ClusterContents contents = new ClusterContents("istio-system");

  private boolean policy(ObjectId id, String action) {
    return contents.put(
        id,
        "1",
        ResourceReader.readObject(
            id.toString(),
            """
            {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
             "metadata": {"name": "%s", "namespace": "%s", "generation": 3},
             "spec": {"action": "%s", "rules": [{}]}}
            """
                .formatted(id.name(), id.namespace(), action)));
  }

  private List<AuthorizationPolicy> policies() {
    return contents.snapshot(List.of()).all(AuthorizationPolicy.class);
  }

  private List<String> told() {
    return contents.snapshot(List.of()).problems().stream().map(Problem::toString).toList();
  }

  @Test
  void locationsAreTheObjectsThemselves() {
    policy(POLICY, "NAY");
    assertThat(told()).anyMatch(line -> line.contains(" AuthorizationPolicy pay/p: spec.action: "));
  }

  @Test
  void whatIsRefusedStaysAsItWasWhenLastGood() {
    policy(POLICY, "DENY");
    contents.snapshot(List.of());
    assertThat(policy(POLICY, "NAY")).isTrue();
    assertThat(policies())
        .extracting(AuthorizationPolicy::action)
        .containsExactly(AuthorizationPolicy.Action.DENY);
    assertThat(contents.verdict(POLICY))
        .hasValueSatisfying(
            verdict -> {
              assertThat(verdict.accepted()).isFalse();
              assertThat(verdict.message()).contains("its last good version stays in force");
            });
    assertThat(policy(POLICY, "NAY")).as("nothing new").isFalse();
    assertThat(contents.remove(POLICY)).isTrue();
    assertThat(policies()).isEmpty();
    assertThat(told()).isEmpty();
  }

  @Test
  void whatWasNeverGoodDeniesIfItWasThereFromTheStart() {
    policy(POLICY, "NAY");
    assertThat(policies())
        .singleElement()
        .satisfies(
            denial -> {
              assertThat(denial.meta().namespace()).isEqualTo("pay");
              assertThat(denial.action()).isEqualTo(AuthorizationPolicy.Action.ALLOW);
              assertThat(denial.rules()).isEmpty();
            });
    policy(POLICY, "STILL");
    assertThat(policies()).as("still refused, still denied").hasSize(1);
    policy(POLICY, "ALLOW");
    assertThat(policies()).extracting(one -> one.meta().name()).containsExactly("p");
  }

  @Test
  void whatIsRefusedLaterAndWasNeverGoodIsToldAndNothingElse() {
    contents.snapshot(List.of());
    policy(POLICY, "NAY");
    assertThat(policies()).isEmpty();
    assertThat(contents.verdict(POLICY))
        .hasValueSatisfying(
            verdict -> assertThat(verdict.message()).contains("nothing is in force instead of it"));
  }

  @Test
  void settingsThatAreRefusedAtTheStartDenyTheWholeMesh() {
    contents.put(
        SETTINGS,
        "1",
        ResourceReader.readObject(
            SETTINGS.toString(),
            """
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"},
             "data": {"mesh": "trustDomain: [1]"}}
            """));
    MeshSnapshot snapshot = contents.snapshot(List.of());
    assertThat(snapshot.all(AuthorizationPolicy.class))
        .extracting(denial -> denial.meta().namespace())
        .containsExactly(snapshot.meshConfig().rootNamespace());
  }
}
