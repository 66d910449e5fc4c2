package io.selvage.doctor.check;

import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static io.selvage.doctor.check.Probes.probe;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class AuthorizationChecksTest {
  private static final String POD = "httpbin-5d4f8c7b9-x2x2x";

  @TestFactory
  Stream<DynamicTest> decisionsAreProbed() {
    return Broken.onBoth(
        passes(
            "denied and allowed as written",
            "SLV4001",
            "1 request denied",
            f -> f.probe(denied("403")).probe(allowed("200"))),
        fails(
            "what is meant to be denied is served",
            "SLV4001",
            "was meant to be denied and got 200",
            f -> f.probe(denied("200")).probe(allowed("200"))),
        unknown(
            "everything is refused",
            "SLV4001",
            "may refuse everything",
            f -> f.probe(denied("reset")).probe(allowed("reset"))),
        unknown(
            "nobody answers",
            "SLV4001",
            "no denial",
            f -> f.probe(denied("timeout")).probe(allowed("200"))),
        unknown(
            "it could not be sent",
            "SLV4001",
            "could not be sent",
            f -> f.probe(denied(ProbeOutcome.NOT_SENT)).probe(allowed("200"))),
        fails(
            "what is meant to be allowed is denied",
            "SLV4002",
            "was meant to be allowed and got 403",
            f -> f.probe(allowed("403"))),
        fails(
            "a spelling that means the same gets past a DENY",
            "SLV4010",
            "/private is denied, but GET /headers got 200",
            f ->
                f.probe(
                    probe(
                        Purpose.PATH_SPELLING,
                        "sample/sleep",
                        "200",
                        Map.of("denied-path", "/private", "meaning", "same")))));
  }

  @TestFactory
  Stream<DynamicTest> whomPoliciesAreFor() {
    return Broken.onBoth(
        fails(
            "a selector is misspelt",
            "SLV4003",
            "did you mean app: httpbin?",
            f -> f.with(policy("x", "httpbni", "DENY", "{to: [{operation: {methods: [PUT]}}]}"))),
        warns(
            "a PeerAuthentication selects nothing",
            "SLV4003",
            "PeerAuthentication sample/x selects no workload",
            f ->
                f.with(
                    """
                    apiVersion: security.istio.io/v1
                    kind: PeerAuthentication
                    metadata: {name: x, namespace: sample}
                    spec: {selector: {matchLabels: {app: gone}}, mtls: {mode: STRICT}}
                    """)),
        fails(
            "a target is not there",
            "SLV4003",
            "is for Service httpbni, which is not there; did you mean httpbin?",
            f ->
                f.with(
                    """
                    apiVersion: security.istio.io/v1
                    kind: AuthorizationPolicy
                    metadata: {name: x, namespace: sample}
                    spec:
                      targetRefs: [{kind: Service, group: "", name: httpbni}]
                      action: DENY
                      rules: [{to: [{operation: {methods: [PUT]}}]}]
                    """)),
        unknown("Pods may not be read", "SLV4003", "pods", f -> f.unseen(Kind.POD)),
        fails(
            "nothing that a policy selects has a proxy",
            "SLV4003",
            "AuthorizationPolicy legacy/pay selects 1 Pod, none has a proxy",
            f -> legacy(f).with(forLegacy("selector: {matchLabels: {app: pay}}"))),
        fails(
            "a policy without a selector is for a namespace without proxies",
            "SLV4003",
            "AuthorizationPolicy legacy/pay selects 1 Pod, none has a proxy",
            f -> legacy(f).with(forLegacy("rules: [{to: [{operation: {ports: ['9']}}]}]"))),
        passes(
            "an empty policy that nobody enforces closes nothing",
            "SLV4004",
            "no policy that a workload enforces is empty",
            f ->
                legacy(f)
                    .with(forLegacy("selector: {matchLabels: {app: machine}}"))
                    .with(
                        """
                        apiVersion: networking.istio.io/v1
                        kind: WorkloadEntry
                        metadata: {name: machine, namespace: legacy}
                        spec: {address: 192.0.2.1, labels: {app: machine}, serviceAccount: machine}
                        """)),
        fails(
            "an empty policy closes a namespace",
            "SLV4004",
            "denies everything to all of 1 workload",
            f -> withoutPolicy(f).with(empty("pay")).configDump("web", dump -> rules(dump, "pay"))),
        passes(
            "an empty policy has others beside it",
            "SLV4004",
            "1 empty policy",
            f -> f.with(empty("pay")).configDump("web", dump -> more(dump, "pay"))),
        warns(
            "a workload has no policy",
            "SLV4005",
            "no policy selects 1 workload in pay: web-5d4f8c7b9-x2x2x",
            f -> withoutPolicy(f).configDump("web", AuthorizationChecksTest::open)),
        unknown(
            "what a policy says is not understood",
            "SLV4005",
            "AuthorizationPolicy pay/web",
            f -> f.with(garbled())),
        unknown(
            "an ALLOW that is not understood may open what an empty one closes",
            "SLV4004",
            "AuthorizationPolicy pay/web",
            f ->
                f.with(garbled()).with(empty("pay")).configDump("web", dump -> rules(dump, "pay"))),
        skips(
            "nothing has a policy",
            "SLV4005",
            "no AuthorizationPolicy",
            f ->
                withoutPolicy(f)
                    .without(Kind.AUTHORIZATION_POLICY, "sample", "httpbin")
                    .without(Kind.AUTHORIZATION_POLICY, "sample", "sleep")
                    .configDump("", AuthorizationChecksTest::open)));
  }

  @TestFactory
  Stream<DynamicTest> namesOfCallers() {
    return Broken.onBoth(
        fails(
            "a ServiceAccount is misspelt",
            "SLV4008",
            "there is no ServiceAccount sample/slep; did you mean sleep?",
            f -> principal(f, "cluster.local/ns/sample/sa/slep")),
        fails(
            "a trust domain is another mesh's",
            "SLV4008",
            "the mesh's trust domain is cluster.local",
            f -> principal(f, "other.example/ns/sample/sa/sleep")),
        fails(
            "a principal has a scheme",
            "SLV4008",
            "without spiffe://",
            f -> principal(f, "spiffe://cluster.local/ns/sample/sa/sleep")),
        unknown(
            "ServiceAccounts may not be read",
            "SLV4008",
            "serviceaccounts",
            f -> f.unseen(Kind.SERVICE_ACCOUNT)),
        unknown(
            "the trust domain is one that may not be read",
            "SLV4008",
            "the mesh's settings",
            f -> principal(f, "prod.example.com/ns/sample/sa/sleep").settingsUnseen()));
  }

  @Test
  void aPolicyIsNotEnforcedAtThoseOfItsPodsThatHaveNoProxy() {
    Fixture f =
        Fixtures.istio()
            .with(pod("sample", "old", "app: httpbin, sidecar.istio.io/inject: 'false'"));
    assertThat(said(f, "SLV4003"))
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.status()).isEqualTo(Status.WARN);
              assertThat(result.summary())
                  .contains("sample/httpbin selects 2 Pods, 1 without a proxy", "sample/old-1");
            });
  }

  @Test
  void whatIsForTheWholeMeshIsNotForPodsOutsideOfIt() {
    Fixture f =
        legacy(Fixtures.istio())
            .with(forLegacy("action: DENY, rules: [{}]").replace("legacy", "istio-system"));
    assertThat(said(f, "SLV4003")).extracting(Result::status).containsExactly(Status.PASS);
  }

  private static List<Result> said(Fixture f, String code) {
    return Fixtures.diagnosis(f.evidence()).results().stream()
        .filter(result -> result.code().equals(code))
        .toList();
  }

  @Test
  void whereSecretsAreUnseenACallerMayBeOfAnotherCluster() {
    Fixture f = principal(Fixtures.istio(), "cluster.local/ns/sample/sa/slep").unseen(Kind.SECRET);
    assertThat(said(f, "SLV4008")).extracting(Result::status).containsExactly(Status.WARN);
  }

  @TestFactory
  Stream<DynamicTest> settingsThatMayNotBeRead() {
    return Broken.onBoth(
        unknown(
            "policies may be in another root namespace",
            "SLV4003",
            "the mesh's settings",
            f ->
                f.with(
                        policy("x", "httpbin", "DENY", "{to: [{operation: {ports: [\"9999\"]}}]}")
                            .replace("namespace: sample", "namespace: mesh-root"))
                    .settingsUnseen()),
        unknown(
            "paths may be normalised in another way",
            "SLV4010",
            "the mesh's settings",
            Fixture::settingsUnseen));
  }

  @TestFactory
  Stream<DynamicTest> whatProxiesEnforce() {
    return Broken.onBoth(
        fails(
            "a proxy misses a policy",
            "SLV4011",
            "sample/httpbin: the proxy misses ALLOW ns[sample]-policy[httpbin]-rule[0]",
            f -> f.configDump("httpbin", AuthorizationChecksTest::open)),
        fails(
            "a proxy has an older rule",
            "SLV4011",
            "without \"POST\"",
            f ->
                f.change(
                    Kind.AUTHORIZATION_POLICY,
                    "sample",
                    "httpbin",
                    json -> json.withArray("/spec/rules/0/to/0/operation/methods").add("POST"))),
        fails(
            "a proxy has a value that was taken out",
            "SLV4011",
            "with \"GET\", which is not written any more",
            f ->
                f.change(
                    Kind.AUTHORIZATION_POLICY,
                    "sample",
                    "httpbin",
                    json -> {
                      var methods = json.withArray("/spec/rules/0/to/0/operation/methods");
                      methods.removeAll();
                      methods.add("*");
                    })),
        fails(
            "a proxy has what was removed",
            "SLV4011",
            "which is not written",
            f ->
                f.without(Kind.AUTHORIZATION_POLICY, "sample", "httpbin")
                    .with(policy("other", "httpbin", "AUDIT", "{}"))
                    .configDump(
                        "httpbin", dump -> rbac(dump).forEach(one -> one.withObject("/rules")))),
        unknown(
            "a proxy does not show what it has",
            "SLV4011",
            "configuration",
            f -> f.proxies = Look.unseen("pods/portforward is forbidden")));
  }

  /** Istio's control planes each read what is labelled for them, and what has no label. */
  @Test
  void whatIsForAnotherRevisionIsNotMissed() {
    String policy = policy("x", "httpbin", "DENY", "{to: [{operation: {ports: ['9999']}}]}");
    Fixture f = Fixtures.istio();
    f.flavour =
        f.flavour.map(
            is ->
                new Flavour(
                    is.kind(),
                    is.version(),
                    is.namespace(),
                    List.of(
                        is.revisions().getFirst(),
                        new Flavour.Revision("canary", "", "istiod-canary", Optional.empty())),
                    is.trustDomain()));
    f.with(policy.replace("name: x,", "name: x, labels: {istio.io/rev: canary},"));
    assertThat(said(f, "SLV4011")).extracting(Result::status).containsExactly(Status.PASS);
    f.with(policy.replace("name: x,", "name: x, labels: {istio.io/rev: gone},"));
    assertThat(said(f, "SLV4011")).extracting(Result::status).containsExactly(Status.PASS);
    f.with(policy.replace("name: x,", "name: x, labels: {istio.io/rev: default},"));
    assertThat(said(f, "SLV4011")).extracting(Result::status).containsExactly(Status.FAIL);
    f.with(policy);
    assertThat(said(f, "SLV4011")).extracting(Result::status).containsExactly(Status.FAIL);
  }

  @TestFactory
  Stream<DynamicTest> whatRulesMean() {
    return Broken.onBoth(
        warns(
            "an ALLOW is for everybody",
            "SLV4014",
            "allows everything to everybody",
            f -> replaced(f, "[{}]", rule -> anybody(anything(rule)))),
        warns(
            "a rule became two",
            "SLV4014",
            "one rule that only says who and one that only says what",
            f ->
                replaced(
                    f,
                    "[{from: [{source: {principals: [cluster.local/ns/sample/sa/sleep]}}]},"
                        + " {to: [{operation: {methods: [GET]}}]}]",
                    AuthorizationChecksTest::anything,
                    AuthorizationChecksTest::anybody)),
        warns(
            "a DENY names a path exactly",
            "SLV4010",
            "does not meet path /admin/",
            f ->
                added(
                    f,
                    "DENY",
                    "{to: [{operation: {paths: [/admin]}}]}",
                    "{\"permissions\":[{\"url_path\":{\"path\":{\"exact\":\"/admin\"}}}],\"principals\":[{\"any\":true}]}")),
        fails(
            "a rule about methods is for a TCP port",
            "SLV4007",
            "looks at methods, but the port speaks TCP",
            f ->
                f.change(
                        Kind.SERVICE,
                        "sample",
                        "httpbin",
                        json -> ((ObjectNode) json.at("/spec/ports/0")).put("name", "tcp"))
                    .with(
                        policy(
                            "httpbin", "httpbin", "DENY", "{to: [{operation: {methods: [PUT]}}]}"))
                    .configDump(
                        "httpbin",
                        dump ->
                            rbac(dump)
                                .forEach(
                                    one -> {
                                      one.withObject("/rules").put("action", "DENY");
                                      one.withObject("/rules/policies")
                                          .putObject("ns[sample]-policy[httpbin]-rule[0]")
                                          .put("method", "PUT");
                                    }))),
        warns(
            "a DENY covers all that an ALLOW allows",
            "SLV4009",
            "ALLOW sample/httpbin rule 0",
            f ->
                added(
                    f,
                    "DENY",
                    "{to: [{operation: {methods: [GET]}}]}",
                    "{\"permissions\":[{\"x\":\"GET\"}],\"principals\":[{\"any\":true}]}")),
        unknown(
            "policies may not be read",
            "SLV4009",
            "authorizationpolicies",
            f -> f.unseen(Kind.AUTHORIZATION_POLICY)),
        fails(
            "a DENY names callers where plaintext is taken",
            "SLV4006",
            "AuthorizationPolicy sample/more names callers, but callers may have no name at"
                + " sample/httpbin-5d4f8c7b9-x2x2x:8080 (PERMISSIVE",
            f ->
                permissive(
                    denied(
                        replaced(
                            f,
                            "[{to: [{operation: {methods: [GET]}}]}]",
                            AuthorizationChecksTest::anybody)))),
        passes(
            "a DENY names callers where an ALLOW keeps plaintext out",
            "SLV4006",
            "keep plaintext out",
            f -> permissive(denied(f))),
        fails(
            "an ALLOW lets some in by name, and plaintext by another source",
            "SLV4006",
            "AuthorizationPolicy sample/httpbin names callers",
            f ->
                permissive(
                    replaced(
                        f,
                        "[{from: [{source: {principals: [cluster.local/ns/sample/sa/sleep]}},"
                            + " {source: {notNamespaces: [default]}}]}]",
                        rule -> but(rule, "default")))));
  }

  /** Plaintext is taken everywhere. */
  private static Fixture permissive(Fixture f) {
    return f.without(Kind.PEER_AUTHENTICATION, "istio-system", "default")
        .configDump("", TlsChecksTest::permissive);
  }

  /** A DENY of who calls from the namespace pay. */
  private static Fixture denied(Fixture f) {
    return added(
        f,
        "DENY",
        "{from: [{source: {namespaces: [pay]}}]}",
        "{\"permissions\":[{\"any\":true}],\"principals\":[{\"x\":\"pay\"}]}");
  }

  /** Whatever is asked, by who is named already and whoever is not of a namespace. */
  private static ObjectNode but(ObjectNode rule, String namespace) {
    ((ArrayNode) rule.path("principals")).addObject().put("x", namespace);
    return anything(rule);
  }

  @TestFactory
  Stream<DynamicTest> authorizersAndDenials() {
    return Broken.onBoth(
        skips("no policy asks an authorizer", "SLV4012", "no policy asks", _ -> {}),
        fails(
            "the authorizer is not known",
            "SLV4012",
            "asks the provider authz, which is not in the mesh's settings",
            f -> f.with(custom())),
        warns(
            "the authorizer fails open",
            "SLV4012",
            "the authorizer authz fails open",
            f -> provider(f, "web.pay.svc.cluster.local", true).with(custom())),
        fails(
            "nobody answers for the authorizer",
            "SLV4012",
            "the authorizer authz at gone.pay.svc.cluster.local:8080 is no Service of the mesh",
            f -> provider(f, "gone.pay.svc.cluster.local", false).with(custom())),
        passes(
            "a provider's name is any text",
            "SLV4012",
            "1 authorizer",
            f ->
                provider(f, "web.pay.svc.cluster.local", false, "ext_authz")
                    .with(custom().replace("authz", "ext_authz"))),
        unknown(
            "a policy that may ask one is not understood",
            "SLV4012",
            "AuthorizationPolicy sample/ask",
            f -> f.with(custom().replace("provider:", "providers:"))),
        passes(
            "the authorizer is there and fails closed",
            "SLV4012",
            "1 authorizer",
            f -> provider(f, "web.pay.svc.cluster.local", false).with(custom())),
        warns(
            "a workload goes on being denied by default",
            "SLV4013",
            "sample/sleep-5d4f8c7b9-x2x2x denied by default (no ALLOW matches) at"
                + " sample/httpbin-5d4f8c7b9-x2x2x",
            f -> TlsChecksTest.repeat(f, POD, denial("none", "10.244.0.11"))),
        passes(
            "a DENY does what it is for",
            "SLV4013",
            "denied by ns[sample]-policy[x]-rule[0]",
            f ->
                TlsChecksTest.repeat(
                    f, POD, denial("ns[sample]-policy[x]-rule[0]", "10.244.0.11"))),
        unknown(
            "logs may not be read",
            "SLV4013",
            "logs could not be seen",
            f -> f.proxyLogs = Look.unseen("pods/log is forbidden")));
  }

  private static String denial(String policy, String peer) {
    return "[2026-11-26T11:50:00.000Z] \"POST /post HTTP/1.1\" 403 -"
        + " rbac_access_denied_matched_policy[%s] - \"-\" 0 19 0 - \"-\" \"curl/8\" \"id\""
            .formatted(policy)
        + " \"httpbin:8000\" \"-\" inbound|8080|| - 10.244.0.12:8080 "
        + peer
        + ":40000 outbound_.8000_._.httpbin.sample.svc.cluster.local default";
  }

  /** The mesh's settings have an authorizer. */
  private static Fixture provider(Fixture f, String host, boolean open) {
    return provider(f, host, open, "authz");
  }

  private static Fixture provider(Fixture f, String host, boolean open, String name) {
    return f.with(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: |
            trustDomain: cluster.local
            extensionProviders:
            - name: %s
              envoyExtAuthzHttp: {service: %s, port: 8080, failOpen: %s}
        """
            .formatted(name, host, open));
  }

  private static String custom() {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: ask, namespace: sample}
    spec:
      selector: {matchLabels: {app: httpbin}}
      action: CUSTOM
      provider: {name: authz}
      rules: [{to: [{operation: {paths: ["/admin*"]}}]}]
    """;
  }

  /** A namespace that nobody injects, with one Pod. */
  private static Fixture legacy(Fixture f) {
    return f.with("{apiVersion: v1, kind: Namespace, metadata: {name: legacy}}")
        .with(pod("legacy", "pay", "app: pay"));
  }

  private static String pod(String namespace, String name, String labels) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s-1, namespace: %s, labels: {%s}}
    spec: {serviceAccountName: default, containers: [{name: app, image: "example/app:1"}]}
    status: {phase: Running, podIP: 10.244.0.99}
    """
        .formatted(name, namespace, labels);
  }

  private static String forLegacy(String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: pay, namespace: legacy, creationTimestamp: "2026-11-26T11:00:00Z"}
    spec: {%s}
    """
        .formatted(spec);
  }

  private static ProbeOutcome denied(String result) {
    return probe(Purpose.EXPECTED_DENY, "sample/sleep", result, Map.of());
  }

  private static ProbeOutcome allowed(String result) {
    return probe(Purpose.EXPECTED_ALLOW, "sample/sleep", result, Map.of());
  }

  private static String policy(String name, String app, String action, String rule) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: sample, creationTimestamp: "2026-11-26T11:00:00Z"}
    spec:
      selector: {matchLabels: {app: %s}}
      action: %s
      rules: [%s]
    """
        .formatted(name, app, action, rule);
  }

  private static String empty(String namespace) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: nothing, namespace: %s, creationTimestamp: "2026-11-26T10:02:00Z"}
    spec: {}
    """
        .formatted(namespace);
  }

  /** A policy of which nobody here knows what it means. */
  private static String garbled() {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: web, namespace: pay, creationTimestamp: "2026-11-26T10:02:00Z"}
    spec: {selector: {matchLabels: {app: web}}, rules: [{form: [{source: {namespaces: [sample]}}]}]}
    """;
  }

  private static Fixture withoutPolicy(Fixture f) {
    return f.without(Kind.AUTHORIZATION_POLICY, "pay", "web");
  }

  /** The policy of httpbin names another caller, in the cluster and in the proxy. */
  private static Fixture principal(Fixture f, String principal) {
    return f.change(
            Kind.AUTHORIZATION_POLICY,
            "sample",
            "httpbin",
            json ->
                json.withArray("/spec/rules/0/from/0/source/principals").removeAll().add(principal))
        .configDump(
            "httpbin",
            dump ->
                ids(dump)
                    .forEach(rule -> ((ObjectNode) rule).putArray("principals").add(principal)));
  }

  /** The rules of httpbin are others in the cluster, and in the proxy these by their index. */
  @SafeVarargs
  private static Fixture replaced(Fixture f, String rules, UnaryOperator<ObjectNode>... inProxy) {
    String yaml = policy("httpbin", "httpbin", "ALLOW", "").replace("rules: []", "rules: " + rules);
    return f.with(yaml)
        .configDump(
            "httpbin",
            dump ->
                rbac(dump)
                    .forEach(
                        one -> {
                          ObjectNode policies = one.withObject("/rules/policies");
                          String id = "ns[sample]-policy[httpbin]-rule[%d]";
                          JsonNode first = policies.path(id.formatted(0));
                          if (first instanceof ObjectNode rule) {
                            for (int i = 0; i < inProxy.length; i++) {
                              policies.set(id.formatted(i), inProxy[i].apply(rule.deepCopy()));
                            }
                          }
                        }));
  }

  /** Whoever calls. */
  private static ObjectNode anybody(ObjectNode rule) {
    rule.putArray("principals").addObject().put("any", true);
    return rule;
  }

  /** Whatever is asked. */
  private static ObjectNode anything(ObjectNode rule) {
    rule.putArray("permissions").addObject().put("any", true);
    return rule;
  }

  /** A policy of one rule more for httpbin, in the cluster and in the proxy. */
  private static Fixture added(Fixture f, String action, String rule, String inProxy) {
    return f.with(policy("more", "httpbin", action, rule))
        .configDump(
            "httpbin",
            dump ->
                dump.path("configs")
                    .valueStream()
                    .flatMap(config -> config.path("dynamic_listeners").valueStream())
                    .flatMap(one -> one.at("/active_state/listener/filter_chains").valueStream())
                    .flatMap(chain -> chain.path("filters").valueStream())
                    .map(filter -> filter.at("/typed_config/http_filters"))
                    .filter(JsonNode::isArray)
                    .forEach(
                        filters -> {
                          ObjectNode filter = ((ArrayNode) filters).insertObject(0);
                          filter.put("name", "envoy.filters.http.rbac");
                          ObjectNode config = filter.putObject("typed_config");
                          config.put(
                              "@type",
                              "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC");
                          ObjectNode rules = config.putObject("rules");
                          rules.put("action", action);
                          rules
                              .putObject("policies")
                              .set(
                                  "ns[sample]-policy[more]-rule[0]",
                                  JsonMapper.shared().readTree(inProxy));
                        }));
  }

  /** The RBAC filters of the workload's port. */
  private static List<ObjectNode> rbac(ObjectNode dump) {
    return dump.path("configs")
        .valueStream()
        .flatMap(config -> config.path("dynamic_listeners").valueStream())
        .flatMap(one -> one.at("/active_state/listener/filter_chains").valueStream())
        .flatMap(chain -> chain.path("filters").valueStream())
        .flatMap(filter -> filter.at("/typed_config/http_filters").valueStream())
        .map(filter -> filter.path("typed_config"))
        .filter(config -> config.path("@type").asString("").endsWith("RBAC"))
        .map(ObjectNode.class::cast)
        .toList();
  }

  private static Stream<JsonNode> ids(ObjectNode dump) {
    return rbac(dump).stream().flatMap(one -> one.at("/rules/policies").valueStream());
  }

  /** No policy is enforced. */
  private static void open(ObjectNode dump) {
    rbac(dump).forEach(one -> one.remove("rules"));
  }

  /** Only the empty policy is enforced. */
  private static void rules(ObjectNode dump, String namespace) {
    rbac(dump)
        .forEach(
            one ->
                one.withObject("/rules")
                    .putObject("policies")
                    .putObject("ns[" + namespace + "]-policy[nothing]-rule[0]"));
  }

  /** The empty policy is enforced, too. */
  private static void more(ObjectNode dump, String namespace) {
    rbac(dump)
        .forEach(
            one ->
                one.withObject("/rules/policies")
                    .putObject("ns[" + namespace + "]-policy[nothing]-rule[0]"));
  }
}
