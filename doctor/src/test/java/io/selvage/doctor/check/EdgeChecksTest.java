package io.selvage.doctor.check;

import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.ProxyView;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ObjectNode;

class EdgeChecksTest {
  private static final String SETTINGS =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data: {mesh: "trustDomain: cluster.local"}
      """;

  @TestFactory
  Stream<DynamicTest> certificatesOfGateways() {
    return Broken.onBoth(
        skips("no Gateway names one", "SLV9001", "no Gateway", _ -> {}),
        fails(
            "the Secret is not there",
            "SLV9001",
            "names the Secret www, which is not in sample",
            f -> gateway(f)),
        fails(
            "the Secret is in another namespace",
            "SLV9001",
            "which is not in sample",
            f -> gateway(f).with(secret("pay", f.authority.rootBase64()))),
        fails(
            "the Secret holds no certificate",
            "SLV9001",
            "cannot be read",
            f -> gateway(f).with(secret("sample", "bm9uZQ=="))),
        fails(
            "the certificate has another name",
            "SLV9001",
            "is not for www.example.com",
            f -> gateway(f).with(secret("sample", f.authority.rootBase64()))),
        unknown(
            "Secrets may not be read", "SLV9001", "secrets", f -> gateway(f).unseen(Kind.SECRET)));
  }

  @TestFactory
  Stream<DynamicTest> whatLeaves() {
    return Broken.onBoth(
        fails(
            "a server outside is not verified",
            "SLV9002",
            "opens TLS to api.example.com and does not verify who answers",
            f -> f.with(origination("insecureSkipVerify: true"))),
        passes(
            "a server outside is verified",
            "SLV9002",
            "1 setting of DestinationRules verify",
            f -> f.with(origination("subjectAltNames: [api.example.com]"))),
        unknown(
            "DestinationRules may not be read",
            "SLV9002",
            "destinationrules",
            f -> f.unseen(Kind.DESTINATION_RULE)),
        warns(
            "the whole internet is registered",
            "SLV9004",
            "ServiceEntry sample/all is for *.com",
            f -> f.with(entry("*.com"))),
        passes(
            "one host is registered",
            "SLV9004",
            "no ServiceEntry",
            f -> f.with(entry("api.example.com"))),
        unknown(
            "ServiceEntries may not be read",
            "SLV9004",
            "serviceentries",
            f -> f.unseen(Kind.SERVICE_ENTRY)));
  }

  /** Of two for one host it owns the host. */
  @Test
  void theOldestEntryIsToldFirst() {
    Fixture f = Fixtures.istio();
    List.of("a 2026-11-20", "b 2026-11-10", "c 2026-11-15")
        .forEach(
            each ->
                f.with(
                    entry("*.com")
                        .replace(
                            "name: all,",
                            "name: %s, creationTimestamp: \"%sT08:00:00Z\","
                                .formatted((Object[]) each.split(" ", -1)))));
    assertThat(Fixtures.diagnosis(f.evidence()).results())
        .filteredOn(result -> result.code().equals("SLV9004"))
        .extracting(Result::summary)
        .containsExactly(
            "ServiceEntry sample/b is for *.com",
            "ServiceEntry sample/c is for *.com",
            "ServiceEntry sample/a is for *.com");
  }

  @TestFactory
  Stream<DynamicTest> whatIsSeenAgainstWhatIsProved() {
    return Broken.onBoth(
        warns(
            "requests were served that policy forbids",
            "SLV9003",
            "policy allows nothing from spiffe://cluster.local/ns/pay/sa/web to sample/httpbin",
            f -> counted(f, "spiffe://cluster.local/ns/pay/sa/web", "200")),
        skips(
            "a caller was served before the mesh had this trust domain",
            "SLV9003",
            "counters began before",
            f ->
                counted(f, "spiffe://old.example/ns/sample/sa/sleep", "200")
                    .with(SETTINGS)
                    .change(Kind.CONFIG_MAP, "istio-system", "istio", EdgeChecksTest::writtenNow)),
        passes(
            "what was served is allowed",
            "SLV9003",
            "policy allows what was seen on 1 edge",
            f -> counted(f, "spiffe://cluster.local/ns/sample/sa/sleep", "200")),
        skips(
            "what is forbidden was denied",
            "SLV9003",
            "no request was counted",
            f -> counted(f, "spiffe://cluster.local/ns/pay/sa/web", "403")),
        unknown(
            "counters may not be read",
            "SLV9003",
            "counters",
            f -> f.proxies = Look.unseen("pods/portforward is forbidden")));
  }

  @Test
  void plaintextThatWasServedBeforeTheMeshBecameStrictIsNoFinding() {
    Fixture f =
        counted(Fixtures.istio(), "", "200")
            .change(
                Kind.PEER_AUTHENTICATION, "istio-system", "default", EdgeChecksTest::writtenNow);
    assertThat(Fixtures.diagnosis(f.evidence()).results())
        .filteredOn(result -> result.code().equals("SLV9003"))
        .extracting(Result::status)
        .containsExactly(Status.SKIP);
  }

  @Test
  void whatWasServedBeforeATokenWasAskedForIsNoFinding() {
    Fixture f =
        counted(Fixtures.istio(), "spiffe://cluster.local/ns/pay/sa/web", "200")
            .with(
                """
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: tokens, namespace: sample}
                spec: {selector: {matchLabels: {app: httpbin}}}
                """)
            .change(Kind.REQUEST_AUTHENTICATION, "sample", "tokens", EdgeChecksTest::writtenNow);
    assertThat(Fixtures.diagnosis(f.evidence()).results())
        .filteredOn(result -> result.code().equals("SLV9003"))
        .extracting(Result::status)
        .containsExactly(Status.SKIP);
  }

  /** After the Pods of fixtures had begun. */
  private static void writtenNow(ObjectNode object) {
    object
        .withObject("/metadata")
        .putArray("managedFields")
        .addObject()
        .put("manager", "kubectl")
        .put("time", "2026-11-26T11:30:00Z");
  }

  private static Fixture counted(Fixture f, String principal, String status) {
    return f.proxy(
        "httpbin",
        one ->
            new ProxyView(
                one.namespace(),
                one.name(),
                one.configDump(),
                one.certificates(),
                one.sync(),
                Look.seen(
                    List.of(
                        new Metric(
                            one.name(),
                            "istio_requests_total",
                            Map.of(
                                "reporter",
                                "destination",
                                "connection_security_policy",
                                principal.isEmpty() ? "none" : "mutual_tls",
                                "source_principal",
                                principal,
                                "response_code",
                                status),
                            12)))));
  }

  private static Fixture gateway(Fixture f) {
    return f.with(
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: sample}
        spec:
          selector: {app: httpbin}
          servers:
          - port: {number: 443, name: https, protocol: HTTPS}
            hosts: [www.example.com]
            tls: {mode: SIMPLE, credentialName: www}
        """);
  }

  private static String secret(String namespace, String certificate) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: www, namespace: %s}
    type: kubernetes.io/tls
    data: {tls.crt: %s, tls.key: "[redacted]"}
    """
        .formatted(namespace, certificate);
  }

  private static String origination(String setting) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: api, namespace: sample}
    spec:
      host: api.example.com
      trafficPolicy: {tls: {mode: SIMPLE, %s}}
    """
        .formatted(setting);
  }

  private static String entry(String host) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: all, namespace: sample}
    spec:
      hosts: ["%s"]
      location: MESH_EXTERNAL
      ports: [{number: 443, name: tls, protocol: TLS}]
      resolution: NONE
    """
        .formatted(host);
  }
}
