package io.selvage.doctor.check;

import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static io.selvage.doctor.check.Probes.probe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class CertificateChecksTest {
  private static final String POD = "httpbin-5d4f8c7b9-x2x2x";
  private static final FixtureAuthority OTHER = FixtureAuthority.make();

  @TestFactory
  Stream<DynamicTest> oneAuthoritySigns() {
    return Broken.onBoth(
        passes("the control plane's own", "SLV1001", "with a root of its own", f -> {}),
        warns(
            "some ask another",
            "SLV1001",
            "2 different CAs",
            f -> f.change(Kind.POD, "sample", POD, CertificateChecksTest::asksAnother)),
        warns(
            "another was plugged in, and is not taken up",
            "SLV1001",
            "does not sign by the Secret istio-system/cacerts",
            f ->
                f.with(
                    """
                    apiVersion: v1
                    kind: Secret
                    metadata: {name: cacerts, namespace: istio-system}
                    data: {ca-cert.pem: %1$s, root-cert.pem: %1$s}
                    """
                        .formatted(FixtureAuthority.make().rootBase64()))),
        unknown("Pods may not be read", "SLV1001", "pods", f -> f.unseen(Kind.POD)));
  }

  private static void asksAnother(ObjectNode pod) {
    for (JsonNode container : pod.at("/spec/initContainers")) {
      if (container.path("name").asString("").equals("istio-proxy")) {
        ArrayNode variables = ((ObjectNode) container).putArray("env");
        for (String address :
            List.of(
                "istiod.istio-system.svc:15012", "cert-manager-istio-csr.cert-manager.svc:443")) {
          variables.addObject().put("name", "CA_ADDR").put("value", address); // the last one holds
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> rootsLast() {
    return Stream.of(
            passes("for long", "SLV1002", "the first ends in 200 d", f -> {}),
            warns("for sixty days", "SLV1002", "ends in 60 d", f -> {}),
            fails("for twelve days", "SLV1002", "ends in 12 d", f -> {}))
        .map(
            one ->
                dynamicTest(
                    one.name(),
                    () -> {
                      String words = one.says().replaceAll("\\D*(\\d+) d.*", "$1");
                      Duration left = Duration.ofDays(Long.parseLong(words));
                      FixtureAuthority authority =
                          FixtureAuthority.make(
                              Fixtures.NOW.minus(Duration.ofDays(100)),
                              Duration.ofDays(100).plus(left));
                      one.check(Fixtures.istio("east", authority).evidence());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> anOldRootMayStayForAWhile() {
    FixtureAuthority expired =
        FixtureAuthority.make(Fixtures.NOW.minus(Duration.ofDays(100)), Duration.ofDays(97));
    return Broken.onBoth(
        warns(
            "a former root has expired beside the one in use",
            "SLV1002",
            "expired 3 d ago",
            f -> published(f, f.authority.root() + expired.root())),
        passes(
            "a second root is there for a rotation",
            "SLV1004",
            "namespaces have root",
            f -> published(f, f.authority.root() + OTHER.root())));
  }

  @Test
  void aRootIsKnownByMetricsAlone() {
    var fixture = Fixtures.istio().unseen(Kind.SECRET).unseen(Kind.CONFIG_MAP);
    fixture.proxies = Look.unseen("no port-forward");
    assertThat(Fixtures.diagnosis(fixture.evidence()).results())
        .filteredOn(one -> one.code().equals("SLV1002"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.status()).isEqualTo(Status.PASS);
              assertThat(one.summary()).contains("metrics the root ends in 3620 d");
            });
  }

  /** In the CA's Secret and in every namespace. */
  private static void published(Fixture fixture, String roots) {
    fixture.change(
        Kind.SECRET,
        "istio-system",
        "istio-ca-secret",
        json -> json.withObject("/data").put("root-cert.pem", base64(roots)));
    for (var namespace : fixture.cluster().objects().all(Kind.NAMESPACE)) {
      map(fixture, namespace.name(), roots);
    }
  }

  private static void map(Fixture fixture, String namespace, String roots) {
    fixture.change(
        Kind.CONFIG_MAP,
        namespace,
        "istio-ca-root-cert",
        json -> json.withObject("/data").put("root-cert.pem", roots));
  }

  @TestFactory
  Stream<DynamicTest> whatSignsMaySign() {
    return Broken.onBoth(
        passes("its own root", "SLV1003", "root and issuer are CAs", f -> {}),
        fails(
            "a leaf was plugged in",
            "SLV1003",
            "is not CA:TRUE",
            f -> plugIn(f, leaf(f.authority), f.authority.root())),
        fails(
            "the root beside it is another CA's",
            "SLV1003",
            "by another key of that name",
            f -> plugIn(f, leaf(OTHER), f.authority.root())),
        fails(
            "the Secret is cut off",
            "SLV1003",
            "cannot be read",
            f -> plugIn(f, f.authority.root().substring(0, 200), f.authority.root())),
        unknown(
            "neither Secrets nor ConfigMaps may be read",
            "SLV1003",
            "the root could not be seen",
            f -> {
              f.unseen(Kind.SECRET).unseen(Kind.CONFIG_MAP);
              f.proxies = Look.unseen("no port-forward");
            }));
  }

  private static void plugIn(Fixture fixture, String signing, String root) {
    fixture.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: cacerts, namespace: istio-system}
        data: {ca-cert.pem: %s, cert-chain.pem: %s, root-cert.pem: %s, ca-key.pem: "[redacted]"}
        """
            .formatted(base64(signing), base64(signing), base64(root)));
  }

  private static String leaf(FixtureAuthority authority) {
    try {
      return Pem.of(Pem.certificates(authority.chain("sample", "httpbin")).getFirst());
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyNamespaceHasTheRoot() {
    return Broken.onBoth(
        passes("all have it", "SLV1004", "5 namespaces have root", f -> {}),
        fails("one has another", "SLV1004", "ns pay holds root", f -> map(f, "pay", OTHER.root())),
        fails("one has nonsense", "SLV1004", "cannot be read", f -> map(f, "pay", "nonsense")),
        fails(
            "one has none, and Pods that mount it",
            "SLV1004",
            "ns pay has Pods of the mesh, but no root",
            f -> {
              f.without(Kind.CONFIG_MAP, "pay", "istio-ca-root-cert");
              f.change(
                  Kind.POD,
                  "pay",
                  "web-5d4f8c7b9-x2x2x",
                  json -> {
                    ((ArrayNode) json.at("/spec/volumes")).removeAll();
                    ((ArrayNode) json.at("/spec/volumes"))
                        .addObject()
                        .put("name", "istiod-ca-cert")
                        .withObject("/configMap")
                        .put("name", "istio-ca-root-cert");
                  });
            }),
        unknown(
            "ConfigMaps may not be read", "SLV1004", "configmaps", f -> f.unseen(Kind.CONFIG_MAP)));
  }

  @TestFactory
  Stream<DynamicTest> servedChainsLeadToTheRoot() {
    return Broken.onBoth(
        passes("they do", "SLV1005", "3 chains lead to", f -> {}),
        fails(
            "one leads elsewhere",
            "SLV1005",
            "sample/" + POD + ":8080: it leads to",
            f -> f.handshake(CertificateChecksTest::isHttpbin, served(OTHER))),
        unknown(
            "one could not be called",
            "SLV1005",
            "no handshake with sample/" + POD,
            f -> f.handshake(CertificateChecksTest::isHttpbin, Look.unseen("connection refused"))),
        passes(
            "no handshakes, but configuration dumps",
            "SLV1005",
            "3 chains lead to",
            f ->
                f.handshakes =
                    f.handshakes.map(
                        all ->
                            all.stream()
                                .filter(one -> one.target().purpose() != Handshake.Purpose.WORKLOAD)
                                .toList())));
  }

  private static boolean isHttpbin(Handshake.Target target) {
    return target.name().equals(POD);
  }

  private static Look<Handshake.Served> served(FixtureAuthority authority) {
    return Look.seen(
        new Handshake.Served(
            List.of(leaf(authority), authority.root()),
            "TLSv1.3",
            "TLS_AES_256_GCM_SHA384",
            "istio"));
  }

  @TestFactory
  Stream<DynamicTest> proxiesHaveTheirSecrets() {
    return Broken.onBoth(
        passes("all have", "SLV1006", "3 proxies have their secrets", f -> {}),
        fails(
            "one waits for its certificate",
            "SLV1006",
            "sample/" + POD + " is WARMING on default for 1",
            f -> f.configDump("httpbin", CertificateChecksTest::warming)),
        unknown(
            "one shows nothing",
            "SLV1006",
            "secrets of sample/" + POD,
            f ->
                f.proxy(
                    "httpbin",
                    one ->
                        new ProxyView(
                            one.namespace(),
                            one.name(),
                            Look.unseen("no port-forward"),
                            Look.unseen("no port-forward"),
                            one.sync(),
                            one.stats()))),
        unknown(
            "none may be asked",
            "SLV1006",
            "no port-forward",
            f -> f.proxies = Look.unseen("no port-forward")));
  }

  private static void warming(ObjectNode dump) {
    for (JsonNode config : dump.path("configs")) {
      if (config.path("@type").asString("").endsWith("SecretsConfigDump")) {
        ArrayNode active = (ArrayNode) config.path("dynamic_active_secrets");
        ((ObjectNode) config)
            .putArray("dynamic_warming_secrets")
            .addObject()
            .put("name", "default")
            .put("last_updated", "2026-11-26T11:42:00Z");
        active.remove(0);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> certificatesAreRenewed() {
    return Broken.onBoth(
        passes("all are young", "SLV1007", "3 certificates", f -> {}),
        fails(
            "one is past 80 % of its life",
            "SLV1007",
            "is past 9",
            f -> holds(f, "httpbin", Fixtures.NOW.minus(Duration.ofHours(22)))),
        fails(
            "one has expired",
            "SLV1007",
            "expired 5 h ago",
            f -> holds(f, "httpbin", Fixtures.NOW.minus(Duration.ofHours(29)))));
  }

  private static void holds(Fixture fixture, String account, Instant issued) {
    String chain = fixture.authority.chain("sample", account, issued);
    fixture.configDump("httpbin", dump -> put(dump, chain));
  }

  private static void put(ObjectNode dump, String chain) {
    for (JsonNode config : dump.path("configs")) {
      for (JsonNode secret : config.path("dynamic_active_secrets")) {
        if (secret.path("name").asString("").equals("default")) {
          ((ObjectNode) secret.at("/secret/tls_certificate/certificate_chain"))
              .put("inline_bytes", base64(chain));
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> certificatesSayWhoTheyAre() {
    return Broken.onBoth(
        passes("all do", "SLV1008", "3 certificates name", f -> {}),
        fails(
            "one says another account",
            "SLV1008",
            "says spiffe://cluster.local/ns/sample/sa/sleep, the Pod runs as sample/httpbin",
            f -> {
              holds(f, "sleep", Fixtures.NOW.minus(Duration.ofHours(4)));
            }),
        unknown("Pods may not be read", "SLV1008", "pods", f -> f.unseen(Kind.POD)));
  }

  @TestFactory
  Stream<DynamicTest> certificatesAreOfTheTrustDomain() {
    return Broken.onBoth(
        passes("all are", "SLV1009", "all of cluster.local", f -> {}),
        unknown(
            "none was seen",
            "SLV1009",
            "no port-forward",
            f -> f.proxies = Look.unseen("no port-forward")),
        unknown(
            "the mesh's own may not be read",
            "SLV1009",
            "the mesh's settings",
            Fixture::settingsUnseen));
  }

  @TestFactory
  Stream<DynamicTest> theAuthorityIssues() {
    return Broken.onBoth(
        passes("to a fresh token", "SLV1010", "the CA issued", f -> f.probe(request("issued"))),
        fails(
            "not to a fresh token",
            "SLV1010",
            "request authenticate failure",
            f -> f.probe(request("UNAUTHENTICATED: request authenticate failure"))),
        unknown("nothing was sent", "SLV1010", "--probe", f -> {}),
        skips(
            "it was not asked",
            "SLV1010",
            "no probe of this kind",
            f -> f.probes = Look.seen(List.of())));
  }

  private static ProbeOutcome request(String result) {
    return probe(
        Purpose.CERTIFICATE_REQUEST,
        "selvage-probe/probe",
        result,
        Map.of("review", "authenticated", "token-key", "k1"));
  }

  @TestFactory
  Stream<DynamicTest> theKeyIsTheAuthoritys() {
    return Broken.onBoth(
        passes("nobody else reads it", "SLV1011", "all expected", f -> {}),
        fails(
            "everybody reads it",
            "SLV1011",
            "Group system:authenticated may read istio-system/istio-ca-secret",
            reader(
                "{kind: Group, name: 'system:authenticated', apiGroup:"
                    + " rbac.authorization.k8s.io}")),
        warns(
            "a program of others reads it",
            "SLV1011",
            "ServiceAccount ci/runner may read istio-system/istio-ca-secret",
            reader("{kind: ServiceAccount, name: runner, namespace: ci}")),
        passes(
            "a user reads it",
            "SLV1011",
            "all expected",
            reader("{kind: User, name: alice, apiGroup: rbac.authorization.k8s.io}")),
        unknown(
            "roles may not be read", "SLV1011", "clusterroles", f -> f.unseen(Kind.CLUSTER_ROLE)),
        skips(
            "no key is kept here",
            "SLV1011",
            "no CA's key is kept",
            f -> f.without(Kind.SECRET, "istio-system", "istio-ca-secret")));
  }

  private static Consumer<Fixture> reader(String subject) {
    return f ->
        f.with(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: secret-reader}
            rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: secret-reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: secret-reader}
            subjects: [%s]
            """
                .formatted(subject));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
