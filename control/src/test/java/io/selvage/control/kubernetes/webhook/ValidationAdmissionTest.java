package io.selvage.control.kubernetes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.webhook.ChangeReview.Opinion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class ValidationAdmissionTest {
  private static ObjectNode request(String operation, String spec) {
    return (ObjectNode)
        JsonMapper.shared()
            .readTree(
                """
                {"operation": "%s", "namespace": "pay", "name": "p",
                 "kind": {"group": "security.istio.io", "kind": "AuthorizationPolicy"},
                 "object": {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
                            "metadata": {"name": "p"}, "spec": %s}}
                """
                    .formatted(operation, spec));
  }

  @Test
  void whatIsThoughtOfAGoodChangeIsTold() {
    List<String> asked = new ArrayList<>();
    var admission =
        new ValidationAdmission(
            changed -> {
              asked.add(changed.meta().qualifiedName());
              return new Opinion(List.of("it opens a door"), Optional.empty());
            });
    ObjectNode answer = admission.review(request("UPDATE", "{}"));
    assertThat(answer.path("allowed").asBoolean()).isTrue();
    assertThat(answer.path("warnings").toString()).contains("it opens a door");
    assertThat(asked).containsExactly("pay/p");
  }

  @Test
  void whatMustNotBeIsRefused() {
    var admission =
        new ValidationAdmission(_ -> new Opinion(List.of("why"), Optional.of("it breaks a")));
    ObjectNode answer = admission.review(request("CREATE", "{}"));
    assertThat(answer.path("allowed").asBoolean()).isFalse();
    assertThat(answer.path("status").path("message").asString()).isEqualTo("it breaks a");
    assertThat(answer.path("status").path("code").asInt()).isEqualTo(403);
  }

  @Test
  void whatIsNotGoodByItselfIsNotAskedAbout() {
    List<String> asked = new ArrayList<>();
    var admission =
        new ValidationAdmission(
            changed -> {
              asked.add(changed.kind());
              return Opinion.NOTHING;
            });
    assertThat(admission.review(request("CREATE", "{\"rulez\": []}")).path("allowed").asBoolean())
        .isFalse();
    assertThat(admission.review(request("DELETE", "{}")).path("allowed").asBoolean()).isTrue();
    assertThat(asked).isEmpty();
  }
}
