package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How the API server is answered. */
class InjectionAdmissionTest {
  private final InjectionAdmission admission = new InjectionAdmission(() -> Pods.SETTINGS);

  private ObjectNode review(ObjectNode pod) {
    ObjectNode request = PodJson.object().put("namespace", "sample").put("operation", "CREATE");
    request.set("object", pod);
    return admission.review(request);
  }

  @Test
  void aPodIsAnsweredWithAPatch() {
    ObjectNode response = review(Pods.annotated("sidecar.istio.io/statsInclusionRegexps", "x"));
    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(response.path("patchType").asString()).isEqualTo("JSONPatch");
    String patch =
        new String(
            Base64.getDecoder().decode(response.path("patch").asString()), StandardCharsets.UTF_8);
    assertThat(JsonMapper.shared().readTree(patch).values())
        .anySatisfy(op -> assertThat(op.path("path").asString()).contains("initContainers"));
    assertThat(response.path("warnings").get(0).asString())
        .startsWith("SLV7242 annotation sidecar.istio.io/statsInclusionRegexps");
  }

  @Test
  void whatCannotBeHadIsRefusedWithEveryReason() {
    ObjectNode response =
        review(
            Pods.with(
                Map.of(),
                Map.of(
                    "sidecar.istio.io/interceptionMode", "TPROXY",
                    "inject.istio.io/templates", "grpc-agent")));
    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.path("status").path("code").asInt()).isEqualTo(422);
    assertThat(response.path("status").path("message").asString())
        .startsWith("SLV7240")
        .contains("TPROXY")
        .contains("grpc-agent");
  }

  @Test
  void whatIsLeftAloneIsAllowedAndToldWhereItMatters() {
    ObjectNode onTheHost = Pods.with(Map.of(), Map.of());
    ((ObjectNode) onTheHost.get("spec")).put("hostNetwork", true);
    ObjectNode response = review(onTheHost);
    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(response.has("patch")).isFalse();
    assertThat(response.path("warnings").get(0).asString()).startsWith("SLV7241");

    ObjectNode quiet = review(Pods.with(Map.of("sidecar.istio.io/inject", "false"), Map.of()));
    assertThat(quiet).hasToString("{\"allowed\":true}");
  }

  @Test
  void onlyPodsAreInjected() {
    assertThat(review(Pods.of("{kind: Deployment}")).path("allowed").asBoolean()).isFalse();
    assertThat(admission.review(PodJson.object()).path("status").path("message").asString())
        .startsWith("SLV7244");
  }
}
