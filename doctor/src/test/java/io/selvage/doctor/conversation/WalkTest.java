package io.selvage.doctor.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.probe.Conversation;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class WalkTest {
  private static Walk walk(Fixture cluster, String from, String to) {
    return Walk.of(cluster.evidence(), Conversation.of(from, to).orElseThrow());
  }

  private static Hop hop(Walk walk, String name) {
    return walk.hops().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestThatIsAllowedGoesAllTheWay(boolean ours) {
    var walk =
        walk(ours ? Fixtures.selvage() : Fixtures.istio(), "sleep.sample", "httpbin.sample:8000");
    assertThat(walk.isThrough()).as(walk.toString()).isTrue();
    assertThat(walk.hops())
        .extracting(Hop::name)
        .containsExactly(
            "caller",
            "certificate",
            "service",
            "way out",
            "callee",
            "certificate",
            "TLS",
            "policy");
    assertThat(walk.hops()).extracting(Hop::status).containsOnly(Status.PASS);
    assertThat(hop(walk, "policy").details()).anyMatch(text -> text.contains("GET"));
  }

  @Test
  void aCallerThatNoPolicyNamesIsDeniedByThem() {
    var policy = hop(walk(Fixtures.istio(), "web.pay", "httpbin.sample:8000"), "policy");
    assertThat(policy.status()).isEqualTo(Status.FAIL);
    assertThat(policy.details()).containsExactly("AuthorizationPolicy sample/httpbin (ALLOW)");
  }

  @Test
  void aCallerWithoutAProxyIsResetWhereTlsIsRequired() {
    var cluster =
        Fixtures.istio()
            .with(
                """
                {apiVersion: v1, kind: Pod, metadata: {name: old, namespace: default}, spec: {serviceAccountName: default, containers: [{name: app}]}, status: {phase: Running, podIP: 10.244.0.99}}
                """);
    var walk = walk(cluster, "old.default", "httpbin.sample:8000");
    assertThat(hop(walk, "caller").status()).isEqualTo(Status.WARN);
    assertThat(hop(walk, "TLS").status()).isEqualTo(Status.FAIL);
    assertThat(hop(walk, "TLS").details()).anyMatch(text -> text.contains("reset by peer"));
  }

  @Test
  void whatIsNotUnderstoodIsNotJudged() {
    var cluster =
        Fixtures.istio()
            .with(
                """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: x, namespace: sample}
                spec: {actions: DENY}
                """);
    assertThat(hop(walk(cluster, "sleep.sample", "httpbin.sample:8000"), "policy").status())
        .isEqualTo(Status.UNKNOWN);
  }

  @Test
  void noPeerAuthenticationSaysWhatAGatewayTakes() {
    var cluster =
        Fixtures.istio()
            .with(
                """
                {apiVersion: v1, kind: Pod, metadata: {name: old, namespace: default}, spec: {serviceAccountName: default, containers: [{name: app}]}, status: {phase: Running, podIP: 10.244.0.99}}
                """)
            .change(
                Kind.POD,
                "sample",
                "httpbin-5d4f8c7b9-x2x2x",
                json ->
                    json.withObject("/metadata/labels")
                        .put("gateway.networking.k8s.io/gateway-name", "edge"));
    var tls = hop(walk(cluster, "old.default", "httpbin.sample:8000"), "TLS");
    assertThat(tls.status()).isEqualTo(Status.SKIP);
    assertThat(tls.summary()).contains("a gateway's");
  }

  @Test
  void rulesAboutRequestsAreNotJudgedAtAmbientsLayer4() {
    var cluster = ambient(Fixtures.istio());
    var policy = hop(walk(cluster, "sleep.sample", "httpbin.sample:8000"), "policy");
    assertThat(policy.status()).isEqualTo(Status.UNKNOWN);
    assertThat(policy.details())
        .containsExactly(
            "sample/httpbin (ALLOW): such rules allow nothing, so what no other allows is denied");
    cluster.change(
        Kind.AUTHORIZATION_POLICY,
        "sample",
        "httpbin",
        json -> ((ObjectNode) json.at("/spec/rules/0")).remove("to"));
    assertThat(hop(walk(cluster, "sleep.sample", "httpbin.sample:8000"), "policy"))
        .satisfies(hop -> assertThat(hop.status()).isEqualTo(Status.PASS))
        .satisfies(hop -> assertThat(hop.details()).containsExactly("TCP: any request"));
  }

  /** httpbin has no sidecar: its node's ztunnel takes its connections. */
  private static Fixture ambient(Fixture cluster) {
    return cluster.change(
        Kind.POD,
        "sample",
        "httpbin-5d4f8c7b9-x2x2x",
        json -> {
          ((ObjectNode) json.path("spec")).remove("initContainers");
          json.withObject("/metadata/annotations").put("ambient.istio.io/redirection", "enabled");
        });
  }

  @Test
  void whatIsNotThereIsSaid() {
    assertThat(walk(Fixtures.istio(), "slep.sample", "httpbin.sample:8000").hops())
        .singleElement()
        .satisfies(hop -> assertThat(hop.summary()).contains("no Pod of slep.sample"));
    assertThat(hop(walk(Fixtures.istio(), "sleep.sample", "httpbin.sample:9"), "service").summary())
        .contains("has no port 9; it has [8000]");
    assertThat(hop(walk(Fixtures.istio(), "sleep.sample", "nothing.sample:80"), "service").status())
        .isEqualTo(Status.FAIL);
    var empty = Fixtures.istio().without(Kind.POD, "sample", "httpbin-5d4f8c7b9-x2x2x");
    empty.without(Kind.ENDPOINT_SLICE, "sample", "httpbin-abcde");
    assertThat(hop(walk(empty, "sleep.sample", "httpbin.sample:8000"), "service").summary())
        .contains("no Pod is ready");
  }

  @Test
  void aCertificateOfAnotherWorkloadEndsIt() {
    var cluster = Fixtures.istio();
    var other = FixtureAuthority.make();
    cluster.configDump(
        "sleep",
        dump ->
            ((ObjectNode)
                    dump.at(
                        "/configs/3/dynamic_active_secrets/0/secret/tls_certificate/certificate_chain"))
                .put(
                    "inline_bytes",
                    Base64.getEncoder()
                        .encodeToString(
                            other.chain("sample", "default").getBytes(StandardCharsets.UTF_8))));
    var certificate = hop(walk(cluster, "sleep.sample", "httpbin.sample:8000"), "certificate");
    assertThat(certificate.status()).isEqualTo(Status.FAIL);
    assertThat(certificate.summary()).contains("sa/default", "the Pod is", "sa/sleep");
  }

  @Test
  void withoutTheMeshSettingsNothingIsSaidOfIdentitiesAndPolicy() {
    var walk = walk(Fixtures.istio().settingsUnseen(), "sleep.sample", "httpbin.sample:8000");
    for (String name : List.of("certificate", "TLS", "policy")) {
      assertThat(hop(walk, name).status()).as(name).isEqualTo(Status.UNKNOWN);
      assertThat(hop(walk, name).summary()).contains("could not be seen");
    }
  }

  @Test
  void whatCouldNotBeSeenIsUnknown() {
    var cluster =
        Fixtures.istio()
            .proxy(
                "sleep",
                one ->
                    new ProxyView(
                        one.namespace(),
                        one.name(),
                        Look.unseen("no right"),
                        Look.unseen("no right"),
                        one.sync(),
                        one.stats()));
    var walk = walk(cluster, "sleep.sample", "httpbin.sample:8000");
    assertThat(hop(walk, "certificate").status()).isEqualTo(Status.UNKNOWN);
    assertThat(hop(walk, "way out").status()).isEqualTo(Status.UNKNOWN);
  }
}
