package io.selvage.control.kubernetes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.source.Revisions;
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

  private static ValidationAdmission judging(ChangeReview review) {
    return new ValidationAdmission(review, Revisions.of(List.of("blue"), false));
  }

  private static ObjectNode labelled(ObjectNode request, String part, String revision) {
    ObjectNode metadata = (ObjectNode) request.path(part).path("metadata");
    metadata.putObject("labels").put("istio.io/rev", revision);
    return request;
  }

  @Test
  void anothersIsLeftToItsOwnControlPlane() {
    var admission = judging(_ -> new Opinion(List.of(), Optional.of("it opens a")));
    for (String bad : List.of("{}", "{\"rulez\": []}")) {
      ObjectNode answer = admission.review(labelled(request("CREATE", bad), "object", "1-24"));
      assertThat(answer.path("allowed").asBoolean()).isTrue();
      assertThat(answer.path("warnings").toString()).contains("SLV7225", "1-24");
    }
    ObjectNode gone = labelled(deletion("{}", "somebody"), "oldObject", "1-24");
    assertThat(admission.review(gone).path("allowed").asBoolean()).isTrue();
    for (String own : List.of("selvage", "blue")) {
      ObjectNode answer = admission.review(labelled(request("CREATE", "{}"), "object", own));
      assertThat(answer.path("status").path("message").asString()).isEqualTo("it opens a");
    }
  }

  @Test
  void whatIsGivenToAnotherControlPlaneIsADeletionHere() {
    var asked = new ArrayList<String>();
    var admission =
        judging(
            changed -> {
              asked.add(told(changed));
              return new Opinion(List.of(), Optional.of("it opens a"));
            });
    ObjectNode request = request("UPDATE", "{}");
    request.set("oldObject", request.path("object").deepCopy());
    ObjectNode answer = admission.review(labelled(request, "object", "1-24"));
    assertThat(answer.path("status").path("message").asString()).isEqualTo("it opens a");
    assertThat(answer.path("warnings").toString()).contains("SLV7225");
    assertThat(asked).containsExactly("removed pay/p");
  }

  @Test
  void whatIsThoughtOfAGoodChangeIsTold() {
    List<String> asked = new ArrayList<>();
    var admission =
        judging(
            changed -> {
              asked.add(told(changed));
              return new Opinion(List.of("it opens a door"), Optional.empty());
            });
    ObjectNode answer = admission.review(request("UPDATE", "{}"));
    assertThat(answer.path("allowed").asBoolean()).isTrue();
    assertThat(answer.path("warnings").toString()).contains("it opens a door");
    assertThat(asked).containsExactly("stored pay/p");
  }

  @Test
  void whatMustNotBeIsRefused() {
    var admission = judging(_ -> new Opinion(List.of("why"), Optional.of("it breaks a")));
    ObjectNode answer = admission.review(request("CREATE", "{}"));
    assertThat(answer.path("allowed").asBoolean()).isFalse();
    assertThat(answer.path("status").path("message").asString()).isEqualTo("it breaks a");
    assertThat(answer.path("status").path("code").asInt()).isEqualTo(403);
  }

  @Test
  void whatIsNotGoodByItselfIsNotAskedAbout() {
    List<String> asked = new ArrayList<>();
    var admission =
        judging(
            changed -> {
              asked.add(told(changed));
              return Opinion.NOTHING;
            });
    assertThat(admission.review(request("CREATE", "{\"rulez\": []}")).path("allowed").asBoolean())
        .isFalse();
    assertThat(asked).isEmpty();
  }

  private static String told(ChangeReview.Change change) {
    return switch (change) {
      case ChangeReview.Change.Stored(var resource) -> "stored " + resource.meta().qualifiedName();
      case ChangeReview.Change.Removed(var resource) ->
          "removed " + resource.meta().qualifiedName();
      case ChangeReview.Change.Demanded(var texts) -> "demanded " + texts;
    };
  }

  private static ObjectNode deletion(String spec, String user) {
    ObjectNode request = request("DELETE", spec);
    request.set("oldObject", request.path("object"));
    request.putNull("object");
    request.putObject("userInfo").put("username", user);
    return request;
  }

  @Test
  void aDeletionIsAskedAboutAndMayBeRefused() {
    var asked = new ArrayList<String>();
    var admission =
        judging(
            changed -> {
              asked.add(told(changed));
              return new Opinion(List.of("why"), Optional.of("it opens a"));
            });
    ObjectNode answer = admission.review(deletion("{}", "somebody"));
    assertThat(answer.path("allowed").asBoolean()).isFalse();
    assertThat(answer.path("status").path("message").asString()).isEqualTo("it opens a");
    assertThat(asked).containsExactly("removed pay/p");
  }

  @Test
  void whatGoesWithItsNamespaceAndWhatWasNeverInForceMayGo() {
    var admission = judging(_ -> new Opinion(List.of(), Optional.of("it opens a")));
    for (ObjectNode request :
        List.of(
            deletion("{}", "system:serviceaccount:kube-system:namespace-controller"),
            deletion("{\"rulez\": []}", "somebody"))) {
      assertThat(admission.review(request).path("allowed").asBoolean()).isTrue();
    }
  }

  @Test
  void whatIsOnItsWayOutIsStillJudgedByWhatIsChangedAboutIt() {
    var admission = judging(_ -> new Opinion(List.of(), Optional.of("it opens a")));
    ObjectNode request = request("UPDATE", "{}");
    ObjectNode object = (ObjectNode) request.path("object");
    ObjectNode metadata = (ObjectNode) object.path("metadata");
    metadata.put("deletionTimestamp", "2026-01-01T00:00:00Z").put("resourceVersion", "1");
    metadata.putArray("finalizers").add("example.com/later");
    metadata.putObject("annotations").put("example.com/seen", "yes");
    request.set("oldObject", object.deepCopy());
    metadata.remove(List.of("finalizers", "annotations"));
    metadata.put("resourceVersion", "2");
    assertThat(admission.review(request).path("allowed").asBoolean())
        .as("who takes its finalizers off")
        .isTrue();

    metadata.putObject("annotations").put("istio.io/dry-run", "true");
    assertThat(admission.review(request).path("allowed").asBoolean()).isFalse();
    metadata.remove(List.of("annotations"));
    object.putObject("spec").put("action", "DENY");
    assertThat(admission.review(request).path("allowed").asBoolean()).isFalse();
  }

  private static ObjectNode map(String name) {
    return (ObjectNode)
        JsonMapper.shared()
            .readTree(
                """
                {"operation": "UPDATE", "namespace": "istio-system", "name": "%s",
                 "kind": {"group": "", "kind": "ConfigMap"},
                 "object": {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.yaml": "x"}}}
                """
                    .formatted(name));
  }

  @Test
  void demandsAreAskedAboutAndOtherMapsAreNot() {
    var asked = new ArrayList<String>();
    var admission =
        judging(
            changed -> {
              asked.add(told(changed));
              return new Opinion(List.of(), Optional.of("not understood"));
            });
    ObjectNode answer = admission.review(map(DemandsMap.NAME));
    assertThat(answer.path("allowed").asBoolean()).isFalse();
    assertThat(answer.path("status").path("code").asInt()).isEqualTo(422);
    assertThat(admission.review(map("other")).path("allowed").asBoolean()).isTrue();
    assertThat(asked).containsExactly("demanded {a.yaml=x}");
  }
}
