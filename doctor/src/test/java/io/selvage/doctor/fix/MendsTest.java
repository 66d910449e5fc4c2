package io.selvage.doctor.fix;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Confidence;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Objects;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What the offered fixes come to. */
final class MendsTest {
  private static ObjectNode after(String before, Fix fix) {
    return FixPlan.of(
            new FakeHand().with(before),
            new Result(
                "SLV3002",
                Status.FAIL,
                Optional.of("east"),
                "",
                List.of(),
                List.of(),
                Confidence.PROVED_BY_CONFIGURATION,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(fix),
                false),
            FixClass.CONSENTED)
        .flatMap(FixPlan::after)
        .orElseThrow();
  }

  private static ApiObject object(String json) {
    return new ApiObject(FakeHand.json(json));
  }

  @Test
  void aCaBundleIsSetForTheWebhooksThatAreMeantAndNoOthers() {
    String before =
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
         "metadata": {"name": "istio-sidecar-injector"},
         "webhooks": [{"name": "a", "clientConfig": {"caBundle": "b2xk"}},
                      {"name": "b", "clientConfig": {"service": {"name": "istiod"}}}]}
        """;
    ObjectNode after = after(before, Mends.caBundle(object(before), Set.of("b"), "roots"));
    assertThat(after.at("/webhooks/0/clientConfig/caBundle").asString()).isEqualTo("b2xk");
    assertThat(after.at("/webhooks/1/clientConfig/caBundle").asString()).isEqualTo("cm9vdHM=");
    assertThat(after.at("/webhooks/1/clientConfig/service/name").asString()).isEqualTo("istiod");
  }

  @Test
  void anAliasIsAddedAndCommentsStay() {
    String before =
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"name": "istio", "namespace": "istio-system"},
         "data": {"mesh": "# ours\\ntrustDomain: new.example\\n"}}
        """;
    assertThat(
            after(before, Mends.trustDomainAlias(object(before), "old.example"))
                .at("/data/mesh")
                .asString())
        .isEqualTo("# ours\ntrustDomain: new.example\ntrustDomainAliases:\n- old.example\n");
  }

  @Test
  void anAliasIsAddedToThoseThatAreThere() {
    String before =
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"name": "istio", "namespace": "istio-system"},
         "data": {"mesh": "trustDomainAliases: [a]\\ntrustDomain: b"}}
        """;
    String text =
        after(before, Mends.trustDomainAlias(object(before), "c")).at("/data/mesh").asString();
    assertThat(SettingsText.read(text).orElseThrow())
        .containsEntry("trustDomainAliases", List.of("a", "c"))
        .containsEntry("trustDomain", "b");
  }

  @Test
  void settingsThatCannotBeReadAreLeftToTheUser() {
    String before =
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"name": "istio", "namespace": "istio-system"}, "data": {"mesh": "- a"}}
        """;
    assertThat(Mends.trustDomainAlias(object(before), "c")).isInstanceOf(Fix.Command.class);
  }

  @Test
  void strictClosesPortsThatWereLeftOpen() {
    String before =
        """
        {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
         "metadata": {"name": "default", "namespace": "pay"},
         "spec": {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}}}
        """;
    assertThat(
            after(before, Mends.strict(object(before)))
                .at("/spec/portLevelMtls/8080/mode")
                .asString())
        .isEqualTo("STRICT");
  }

  @Test
  void rootsAreSetOrMade() {
    String before =
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"name": "istio-ca-root-cert", "namespace": "pay"},
         "data": {"root-cert.pem": "old"}}
        """;
    assertThat(
            after(before, Mends.rootMap(Optional.of(object(before)), "pay", "new"))
                .at("/data/root-cert.pem")
                .asString())
        .isEqualTo("new");
    assertThat(Mends.rootMap(Optional.empty(), "pay", "new")).isInstanceOf(Fix.Apply.class);
  }

  @Test
  void aPodThatNobodyMakesAgainIsNotRestarted() {
    ApiObject lone =
        object("{\"kind\": \"Pod\", \"metadata\": {\"name\": \"a\", \"namespace\": \"b\"}}");
    assertThat(Mends.remakePod(lone, new Objects(Map.of()))).isInstanceOf(Fix.Command.class);
  }
}
