package io.selvage.doctor.fix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ObjectNode;

/** What no fix may do, whoever asks for it. */
final class LooseningTest {
  private static Optional<String> change(String kind, String before, String after) {
    return Loosening.ofChange(
        before.isEmpty() ? Optional.empty() : Optional.of(object(kind, before)),
        object(kind, after));
  }

  private static ObjectNode object(String kind, String rest) {
    return FakeHand.json(
        "{\"kind\": \"%s\", \"metadata\": {\"name\": \"istio\"}, %s}".formatted(kind, rest));
  }

  private static String mtls(String mode) {
    return "\"spec\": {\"mtls\": {\"mode\": \"" + mode + "\"}}";
  }

  /** A kind, what it is, what it would become. */
  private record Row(String kind, String before, String after) {}

  private static Stream<Row> refused() {
    return Stream.of(
        new Row("PeerAuthentication", mtls("STRICT"), mtls("PERMISSIVE")),
        new Row("PeerAuthentication", mtls("STRICT"), mtls("DISABLE")),
        new Row("PeerAuthentication", mtls("STRICT"), "\"spec\": {}"),
        new Row("PeerAuthentication", "", mtls("PERMISSIVE")),
        new Row("PeerAuthentication", "", "\"spec\": {}"),
        new Row("PeerAuthentication", mtls("STRICT"), mtls("SURPRISE")),
        new Row(
            "PeerAuthentication",
            mtls("STRICT"),
            """
            "spec": {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}}
            """),
        new Row(
            "PeerAuthentication",
            """
            "spec": {"mtls": {"mode": "STRICT"}, "selector": {"matchLabels": {"app": "a"}}}
            """,
            """
            "spec": {"mtls": {"mode": "STRICT"}, "selector": {"matchLabels": {"app": "b"}}}
            """),
        new Row("AuthorizationPolicy", "\"spec\": {}", "\"spec\": {\"rules\": [{}]}"),
        new Row("AuthorizationPolicy", "", "\"spec\": {\"rules\": [{}]}"),
        new Row("RequestAuthentication", "\"spec\": {}", "\"spec\": {\"jwtRules\": []}"),
        new Row("Secret", "\"data\": {}", "\"data\": {\"key\": \"\"}"),
        new Row(
            "DestinationRule",
            "\"spec\": {\"trafficPolicy\": {\"tls\": {\"mode\": \"ISTIO_MUTUAL\"}}}",
            "\"spec\": {\"trafficPolicy\": {\"tls\": {\"mode\": \"DISABLE\"}}}"),
        new Row(
            "DestinationRule",
            "\"spec\": {\"trafficPolicy\": {\"tls\": {\"mode\": \"DISABLE\"}}}",
            """
            "spec": {"host": "b", "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}
            """),
        new Row(
            "MutatingWebhookConfiguration",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Fail\"}]",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Ignore\"}]"),
        new Row(
            "MutatingWebhookConfiguration",
            "\"webhooks\": [{\"name\": \"a\", \"clientConfig\": {\"url\": \"https://a\"}}]",
            "\"webhooks\": [{\"name\": \"a\", \"clientConfig\": {\"url\": \"https://b\"}}]"),
        new Row("MutatingWebhookConfiguration", "\"webhooks\": [{}]", "\"webhooks\": []"),
        new Row(
            "MutatingWebhookConfiguration",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Ignore\"}]",
            "\"webhooks\": [{\"name\": \"b\", \"failurePolicy\": \"Fail\"}]"),
        new Row(
            "MutatingWebhookConfiguration",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Ignore\"}, {\"failurePolicy\": \"Fail\"}]",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Fail\"}, {\"failurePolicy\": \"Ignore\"}]"),
        new Row("ConfigMap", "\"data\": {\"a\": \"1\"}", "\"data\": {\"a\": \"2\"}"),
        new Row(
            "ConfigMap",
            "\"data\": {\"mesh\": \"trustDomain: a\"}",
            "\"data\": {\"mesh\": \"trustDomain: b\"}"),
        new Row(
            "ClusterRole",
            "",
            """
            "rules": [{"apiGroups": ["*"], "resources": ["pods"], "verbs": ["get"]}]
            """),
        new Row(
            "ClusterRole",
            "",
            """
            "rules": [{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}]
            """),
        new Row(
            "ClusterRoleBinding",
            "",
            """
            "roleRef": {"name": "cluster-admin"}, "subjects": [{"kind": "ServiceAccount", "name": "a"}]
            """),
        new Row(
            "ClusterRoleBinding",
            "",
            """
            "roleRef": {"name": "istiod"}, "subjects": [{"kind": "Group", "name": "system:authenticated"}]
            """));
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatLetsMoreThroughOrIsNotUnderstood() {
    return refused()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.toString(),
                    () -> assertThat(change(row.kind(), row.before(), row.after())).isPresent()));
  }

  private static Stream<Row> taken() {
    return Stream.of(
        new Row("PeerAuthentication", mtls("PERMISSIVE"), mtls("STRICT")),
        new Row("PeerAuthentication", "\"spec\": {}", mtls("STRICT")),
        new Row("PeerAuthentication", "", mtls("STRICT")),
        new Row(
            "DestinationRule",
            "\"spec\": {\"trafficPolicy\": {\"tls\": {\"mode\": \"DISABLE\"}}}",
            "\"spec\": {\"trafficPolicy\": {\"tls\": {\"mode\": \"ISTIO_MUTUAL\"}}}"),
        new Row(
            "MutatingWebhookConfiguration",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Ignore\"}, {\"name\": \"b\"}]",
            "\"webhooks\": [{\"name\": \"a\", \"failurePolicy\": \"Fail\"}, {\"name\": \"b\"}]"),
        new Row(
            "ValidatingWebhookConfiguration",
            "\"webhooks\": [{\"name\": \"a\", \"clientConfig\": {\"caBundle\": \"x\"}}]",
            "\"webhooks\": [{\"name\": \"a\", \"clientConfig\": {\"caBundle\": \"y\"}}]"),
        new Row(
            "ConfigMap",
            "\"data\": {\"mesh\": \"trustDomain: a\"}",
            "\"data\": {\"mesh\": \"trustDomain: a\\ntrustDomainAliases: [b]\"}"),
        new Row(
            "ClusterRole",
            "",
            """
            "rules": [{"apiGroups": ["security.istio.io"], "resources": ["*"], "verbs": ["get"]}]
            """),
        new Row(
            "ClusterRoleBinding",
            "",
            """
            "roleRef": {"name": "istiod"}, "subjects": [{"kind": "ServiceAccount", "name": "istiod"}]
            """));
  }

  @TestFactory
  Stream<DynamicTest> takesWhatMendsWithoutLettingMoreThrough() {
    return taken()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.toString(),
                    () -> assertThat(change(row.kind(), row.before(), row.after())).isEmpty()));
  }

  @Test
  void deletesNoPolicyButOneThatDeniesEverythingByHavingNoRules() {
    assertThat(Loosening.ofDeletion(object("AuthorizationPolicy", "\"spec\": {}"))).isEmpty();
    for (String spec :
        new String[] {
          "{\"action\": \"DENY\", \"rules\": [{}]}",
          "{\"action\": \"DENY\"}",
          "{\"action\": \"CUSTOM\", \"provider\": {\"name\": \"a\"}}",
          "{\"rules\": [{}]}"
        }) {
      assertThat(Loosening.ofDeletion(object("AuthorizationPolicy", "\"spec\": " + spec)))
          .as(spec)
          .isPresent();
    }
    assertThat(Loosening.ofDeletion(object("PeerAuthentication", mtls("STRICT")))).isPresent();
    assertThat(Loosening.ofDeletion(object("Namespace", "\"spec\": {}"))).isPresent();
  }
}
