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
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import io.selvage.doctor.evidence.ProxyView;
import java.time.Duration;
import java.util.ArrayList;
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

class TlsChecksTest {
  private static final String POD = "httpbin-5d4f8c7b9-x2x2x";
  private static final String SLEEP = "spiffe://cluster.local/ns/sample/sa/sleep";

  @TestFactory
  Stream<DynamicTest> plaintextIsProbed() {
    return Broken.onBoth(
        passes(
            "plaintext is reset and an identity is served",
            "SLV2001",
            "at 1 port",
            f -> f.probe(plaintext("reset")).probe(identity("200"))),
        fails(
            "plaintext is served at a STRICT port",
            "SLV2001",
            "got 200 from sample/httpbin:8080",
            f -> f.probe(plaintext("200")).probe(identity("200"))),
        fails(
            "plaintext is denied only by policy",
            "SLV2001",
            "got 403",
            f -> f.probe(plaintext("403")).probe(identity("200"))),
        unknown(
            "plaintext was refused, and nobody tried an identity",
            "SLV2001",
            "does not prove TLS",
            f -> f.probe(plaintext("reset"))),
        unknown(
            "plaintext found nobody",
            "SLV2001",
            "ended with refused",
            f -> f.probe(plaintext("refused")).probe(identity("200"))),
        fails(
            "a dead server refuses both",
            "SLV2002",
            "ended with refused",
            f -> f.probe(plaintext("refused")).probe(identity("refused"))),
        skips(
            "a port that takes plaintext as it was told",
            "SLV2001",
            "PERMISSIVE",
            f ->
                f.without(Kind.PEER_AUTHENTICATION, "istio-system", "default")
                    .configDump("", TlsChecksTest::permissive)
                    .probe(plaintext("200"))
                    .probe(identity("200"))));
  }

  @TestFactory
  Stream<DynamicTest> theModesOfPorts() {
    return Broken.onBoth(
        warns(
            "a workload is excepted",
            "SLV2003",
            "PERMISSIVE by PeerAuthentication sample/httpbin (workload)",
            f ->
                f.with(peerAuthentication("{mtls: {mode: PERMISSIVE}}"))
                    .configDump("httpbin", TlsChecksTest::permissive)),
        warns(
            "a port is excepted",
            "SLV2003",
            "DISABLE by PeerAuthentication sample/httpbin (port)",
            f ->
                f.with(peerAuthentication("{portLevelMtls: {8080: {mode: DISABLE}}}"))
                    .configDump("httpbin", TlsChecksTest::plainAndOpen)
                    .with(openToAll())),
        passes(
            "nothing says what is wanted",
            "SLV2003",
            "nothing says what is wanted",
            f ->
                f.without(Kind.PEER_AUTHENTICATION, "istio-system", "default")
                    .configDump("", TlsChecksTest::permissive)),
        unknown(
            "it may not be read",
            "SLV2003",
            "peerauthentications",
            f -> f.unseen(Kind.PEER_AUTHENTICATION)),
        unknown(
            "what a PeerAuthentication says is not understood",
            "SLV2003",
            "PeerAuthentication sample/httpbin",
            f -> f.with(peerAuthentication("{mtls: {mode: STRIKT}}"))),
        unknown(
            "the mesh's settings are not understood",
            "SLV2003",
            "ConfigMap istio-system/istio",
            f ->
                f.with(
                    """
                    apiVersion: v1
                    kind: ConfigMap
                    metadata: {name: istio, namespace: istio-system}
                    data: {mesh: "rootNamespace: [a]"}
                    """)),
        unknown(
            "which namespace is the root may not be read",
            "SLV2003",
            "the mesh's settings",
            Fixture::settingsUnseen));
  }

  @TestFactory
  Stream<DynamicTest> clientsAndServers() {
    return Broken.onBoth(
        fails(
            "a client is told to call in plaintext",
            "SLV2004",
            "opens tls.mode DISABLE to httpbin.sample.svc.cluster.local:8000",
            f -> f.with(destinationRule("httpbin", "{tls: {mode: DISABLE}}"))),
        passes(
            "a client is told what it would do anyway",
            "SLV2004",
            "agree",
            f -> f.with(destinationRule("httpbin", "{tls: {mode: ISTIO_MUTUAL}}"))),
        fails(
            "some clients are told to call in plaintext",
            "SLV2004",
            "opens tls.mode DISABLE to httpbin.sample.svc.cluster.local:8000",
            f ->
                f.with(
                    destinationRule("httpbin", "{tls: {mode: DISABLE}}")
                        .replace(
                            "spec: {", "spec: {workloadSelector: {matchLabels: {app: sleep}}, "))),
        passes(
            "a rule is for clients that are not there",
            "SLV2004",
            "agree",
            f ->
                f.with(
                    destinationRule("httpbin", "{tls: {mode: DISABLE}}")
                        .replace(
                            "spec: {", "spec: {workloadSelector: {matchLabels: {app: gone}}, "))),
        passes(
            "a machine outside of the cluster has a proxy of its own",
            "SLV2004",
            "agree",
            f -> f.with(machine("serviceAccount: vm")).with(toMachine())),
        fails(
            "a machine outside of the cluster has no proxy",
            "SLV2004",
            "where the server is without a proxy",
            f ->
                f.with(machine("serviceAccount: vm, labels: {security.istio.io/tlsMode: disabled}"))
                    .with(toMachine())),
        fails(
            "the proxy still takes plaintext",
            "SLV2005",
            "but its proxy takes plaintext and mTLS",
            f -> f.configDump("httpbin", TlsChecksTest::permissive)),
        unknown(
            "the proxies' configuration may not be read",
            "SLV2005",
            "configuration",
            f -> f.proxies = Look.unseen("pods/portforward is forbidden")));
  }

  @Test
  void whatAGatewayTakesNoPeerAuthenticationSays() {
    Fixture f =
        Fixtures.istio()
            .with(destinationRule("httpbin", "{tls: {mode: SIMPLE}}"))
            .change(
                Kind.POD,
                "sample",
                POD,
                json ->
                    json.withObject("/metadata/labels")
                        .put("gateway.networking.k8s.io/gateway-name", "edge"));
    assertThat(Fixtures.diagnosis(f.evidence()).results())
        .filteredOn(result -> result.code().equals("SLV2004"))
        .extracting(Result::status)
        .containsExactly(Status.PASS);
  }

  @TestFactory
  Stream<DynamicTest> waysAroundTheProxy() {
    return Broken.onBoth(
        fails(
            "a port is not captured",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> told(f, "excludeInboundPorts", "9090,8080", "-d")),
        fails(
            "no port is captured",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> told(f, "includeInboundPorts", "", "-b")),
        fails(
            "another port alone is captured",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> told(f, "includeInboundPorts", "9090", "-b")),
        passes(
            "what is included is captured, excluded or not",
            "SLV2006",
            "no port or program",
            f -> {
              told(f, "includeInboundPorts", "8080", "-b");
              told(f, "excludeInboundPorts", "8080", "-d");
            }),
        fails(
            "the installation takes a port out of capture for all",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> argument(f, "-d", "15090,15021,15020,8080")),
        fails(
            "Istio's CNI plugin was told by an annotation alone",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> {
              withoutInit(f);
              annotate(f, "traffic.sidecar.istio.io/includeInboundPorts", "");
            }),
        fails(
            "nothing is captured",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> {
              withoutInit(f);
              annotate(f, "sidecar.istio.io/interceptionMode", "NONE");
            }),
        warns(
            "nothing is captured, and the proxy itself listens",
            "SLV2006",
            "sends everything around",
            f -> {
              withoutInit(f);
              annotate(f, "sidecar.istio.io/interceptionMode", "NONE");
              f.with(
                  """
                  apiVersion: networking.istio.io/v1
                  kind: Sidecar
                  metadata: {name: own, namespace: sample}
                  spec:
                    ingress:
                    - port: {number: 8080, name: http, protocol: HTTP}
                      defaultEndpoint: 127.0.0.1:8081
                  """);
            }),
        warns(
            "everything is sent around the proxy",
            "SLV2006",
            "sends everything around",
            f -> told(f, "excludeOutboundIPRanges", "0.0.0.0/0", "-x")),
        warns(
            "no destination is captured",
            "SLV2006",
            "sends everything around",
            f -> told(f, "includeOutboundIPRanges", "", "-i")),
        fails(
            "a program runs as the proxy's user",
            "SLV2006",
            "runs as user 1337",
            f ->
                f.change(
                    Kind.POD,
                    "sample",
                    POD,
                    json ->
                        ((ObjectNode) json.at("/spec/containers/0"))
                            .putObject("securityContext")
                            .put("runAsUser", 1337))));
  }

  @TestFactory
  Stream<DynamicTest> whomTheServerIsTold() {
    String hash = "ab".repeat(32);
    return Broken.onBoth(
        passes("all is right", "SLV2007", "1 header", f -> f.probe(seen(hash, SLEEP, hash))),
        fails(
            "another caller is named",
            "SLV2007",
            "URI spiffe://cluster.local/ns/sample/sa/default, expected " + SLEEP,
            f -> f.probe(seen(hash, "spiffe://cluster.local/ns/sample/sa/default", hash))),
        fails(
            "another certificate is named",
            "SLV2007",
            "Hash cd",
            f -> f.probe(seen("cd".repeat(32), SLEEP, hash))),
        unknown(
            "the header is not there",
            "SLV2007",
            "no x-forwarded-client-cert",
            f -> f.probe(probe(Purpose.PEER_SEEN, "sample/sleep", "200", Map.of()))),
        fails(
            "a forged header arrives",
            "SLV2008",
            "passed a forged",
            f ->
                f.probe(
                    probe(
                        Purpose.FORGED_PEER,
                        "outside",
                        "200",
                        Map.of(
                            "forged", "spiffe://evil",
                            "x-forwarded-client-cert", "URI=spiffe://evil")))),
        passes(
            "a forged header is dropped",
            "SLV2008",
            "did not arrive",
            f ->
                f.probe(
                    probe(
                        Purpose.FORGED_PEER,
                        "outside",
                        "200",
                        Map.of("forged", "spiffe://evil")))));
  }

  @TestFactory
  Stream<DynamicTest> oldTls() {
    return Broken.onBoth(
        fails(
            "a proxy takes TLS 1.0",
            "SLV2009",
            "takes TLSv1_0",
            f ->
                f.configDump(
                    "httpbin",
                    dump ->
                        eachInbound(
                            dump,
                            (_, chain) -> {
                              if (chain.has("transport_socket")) {
                                chain
                                    .withObject(
                                        "/transport_socket/typed_config/common_tls_context/tls_params")
                                    .put("tls_minimum_protocol_version", "TLSv1_0");
                              }
                            }))),
        fails(
            "a handshake ends with an old version",
            "SLV2009",
            "agreed to TLSv1.1",
            f ->
                f.handshakes =
                    f.handshakes.map(
                        all ->
                            all.stream()
                                .map(
                                    one ->
                                        one.target().name().equals(POD)
                                            ? new Handshake(
                                                one.target(),
                                                one.serverName(),
                                                one.offered(),
                                                one.outcome()
                                                    .map(
                                                        served ->
                                                            new Handshake.Served(
                                                                served.chain(),
                                                                "TLSv1.1",
                                                                "TLS_RSA_WITH_AES_128_CBC_SHA",
                                                                served.alpn())))
                                            : one)
                                .toList())),
        fails(
            "a Gateway takes TLS 1.0",
            "SLV2009",
            "takes TLSV1_0 at port 443",
            f ->
                f.with(
                    """
                    apiVersion: networking.istio.io/v1
                    kind: Gateway
                    metadata: {name: edge, namespace: sample}
                    spec:
                      selector: {app: edge}
                      servers:
                      - port: {number: 443, name: https, protocol: HTTPS}
                        hosts: [www.example.com]
                        tls: {mode: SIMPLE, credentialName: www, minProtocolVersion: TLSV1_0}
                    """)));
  }

  @TestFactory
  Stream<DynamicTest> countersAndLogs() {
    return Broken.onBoth(
        warns(
            "some traffic is plaintext",
            "SLV2010",
            "75.0 % of what was counted",
            f -> count(count(f, "mutual_tls", 300), "none", 100)),
        passes("all of it is mTLS", "SLV2010", "all of 300", f -> count(f, "mutual_tls", 300)),
        skips("there was none", "SLV2010", "no traffic", _ -> {}),
        fails(
            "somebody goes on refusing the control plane's certificate",
            "SLV2011",
            "10.1.2.3 ended handshakes",
            badCertificates("10.1.2.3", 5, Duration.ofMinutes(1))),
        fails(
            "a Pod goes on refusing it",
            "SLV2011",
            "Pod sample/httpbin-5d4f8c7b9-x2x2x",
            badCertificates("10.244.0.12", 5, Duration.ofMinutes(1))),
        passes(
            "a few in passing",
            "SLV2011",
            "only in passing",
            badCertificates("10.1.2.3", 2, Duration.ofMinutes(1))),
        unknown(
            "logs may not be read",
            "SLV2011",
            "logs could not be seen",
            f -> f.logs = Look.unseen("pods/log is forbidden")),
        fails(
            "a client's proxy goes on refusing a server's certificate",
            "SLV2012",
            "cannot open TLS to httpbin.sample.svc.cluster.local:8000: CERTIFICATE_VERIFY_FAILED",
            f ->
                repeat(
                    f,
                    "sleep-5d4f8c7b9-x2x2x",
                    "[2026-11-26T11:50:00.000Z] \"GET /headers HTTP/1.1\" 503 UF,URX"
                        + " upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end}"
                        + " - \"TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end\""
                        + " 0 159 5 - \"-\" \"curl/8\" \"id\" \"httpbin:8000\" \"10.244.0.12:8080\""
                        + " outbound|8000||httpbin.sample.svc.cluster.local - 10.96.0.12:8000"
                        + " 10.244.0.11:40000 - default")),
        fails(
            "our proxy goes on refusing a server's certificate, and writes no access log",
            "SLV2012",
            "cannot open TLS to 10.244.0.12:8080: CERTIFICATE_VERIFY_FAILED",
            f ->
                repeat(
                    f,
                    "sleep-5d4f8c7b9-x2x2x",
                    "2026-11-26T11:50:00.000Z INFO TLS_FAILED: 10.244.0.12:8080:"
                        + " TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:SLV1009"
                        + " the peer is somebody else:TLS_error_end")),
        warns(
            "a port's protocol is guessed where policy looks at methods",
            "SLV2013",
            "Service sample/httpbin:8000 does not say",
            f ->
                f.change(
                    Kind.SERVICE,
                    "sample",
                    "httpbin",
                    json -> ((ObjectNode) json.at("/spec/ports/0")).put("name", "web"))));
  }

  private static Consumer<Fixture> badCertificates(String peer, int times, Duration apart) {
    return f -> {
      for (int i = 0; i < times; i++) {
        f.log(
            Fixtures.NOW.minus(apart.multipliedBy(i + 1L)),
            "2026-11-26T11:52:30.328734Z\tinfo\thttp: TLS handshake error from %s:4566%d: remote error: tls: bad certificate"
                .formatted(peer, i));
      }
    };
  }

  static Fixture repeat(Fixture f, String pod, String line) {
    for (int i = 1; i <= 5; i++) {
      f.proxyLog("sample", pod, Fixtures.NOW.minus(Duration.ofMinutes(i)), line);
    }
    return f;
  }

  private static Fixture count(Fixture f, String policy, double value) {
    return f.proxy(
        "httpbin",
        one ->
            new ProxyView(
                one.namespace(),
                one.name(),
                one.configDump(),
                one.certificates(),
                one.sync(),
                one.stats()
                    .map(
                        all -> {
                          List<Metric> more = new ArrayList<>(all);
                          more.add(
                              new Metric(
                                  POD,
                                  "istio_requests_total",
                                  Map.of(
                                      "reporter", "destination",
                                      "connection_security_policy", policy,
                                      "source_workload", "sleep",
                                      "source_workload_namespace", "sample"),
                                  value));
                          return more;
                        })));
  }

  private static ProbeOutcome plaintext(String result) {
    return probe(Purpose.PLAINTEXT, "outside", result, Map.of());
  }

  private static ProbeOutcome identity(String result) {
    return probe(Purpose.MESH_IDENTITY, "sample/sleep", result, Map.of());
  }

  private static ProbeOutcome seen(String hash, String uri, String held) {
    return probe(
        Purpose.PEER_SEEN,
        "sample/sleep",
        "200",
        Map.of(
            "x-forwarded-client-cert",
            "By=spiffe://cluster.local/ns/sample/sa/httpbin;Hash=%s;Subject=\"\";URI=%s"
                .formatted(hash, uri),
            "peer-hash",
            held));
  }

  private static void annotate(Fixture f, String key, String value) {
    f.change(
        Kind.POD, "sample", POD, json -> json.withObject("/metadata/annotations").put(key, value));
  }

  /** As the injector of Istio writes it, by the annotation. */
  private static void told(Fixture f, String annotation, String value, String option) {
    annotate(f, "traffic.sidecar.istio.io/" + annotation, value);
    argument(f, option, value);
  }

  private static void argument(Fixture f, String option, String value) {
    f.change(
        Kind.POD,
        "sample",
        POD,
        json -> {
          ArrayNode arguments = (ArrayNode) json.at("/spec/initContainers/0/args");
          for (int i = 0; i < arguments.size(); i++) {
            if (arguments.path(i).asString().equals(option)) {
              arguments.set(i + 1, value);
            }
          }
        });
  }

  private static void withoutInit(Fixture f) {
    f.change(
        Kind.POD, "sample", POD, json -> ((ArrayNode) json.at("/spec/initContainers")).remove(0));
  }

  private static String peerAuthentication(String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: httpbin, namespace: sample, creationTimestamp: "2026-11-26T11:00:00Z"}
    spec:
      selector: {matchLabels: {app: httpbin}}
      %s
    """
        .formatted(spec.substring(1, spec.length() - 1));
  }

  private static String openToAll() {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: httpbin, namespace: sample, creationTimestamp: "2026-11-01T08:10:00Z"}
    spec:
      selector: {matchLabels: {app: httpbin}}
      rules: [{to: [{operation: {methods: [GET]}}]}]
    """;
  }

  private static String destinationRule(String host, String policy) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: %s, namespace: sample, creationTimestamp: "2026-11-26T11:00:00Z"}
    spec: {host: %s, trafficPolicy: %s}
    """
        .formatted(host, host, policy);
  }

  private static String machine(String entry) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: vm, namespace: sample}
    spec:
      hosts: [vm.sample.example]
      location: MESH_INTERNAL
      ports: [{number: 80, name: http, protocol: HTTP}]
      resolution: STATIC
      endpoints: [{address: 192.0.2.1, %s}]
    """
        .formatted(entry);
  }

  private static String toMachine() {
    return destinationRule("vm.sample.example", "{tls: {mode: ISTIO_MUTUAL}}")
        .replace("name: vm.sample.example", "name: vm");
  }

  /** Each chain for a port is there for plaintext, too. */
  static void permissive(ObjectNode dump) {
    eachInbound(
        dump,
        (chains, chain) -> {
          if (chain.at("/filter_chain_match/transport_protocol").asString("").equals("tls")) {
            ObjectNode raw = chain.deepCopy();
            raw.remove("transport_socket");
            raw.withObject("/filter_chain_match").put("transport_protocol", "raw_buffer");
            chains.add(raw);
          }
        });
  }

  /** No chain ends TLS. */
  private static void plain(ObjectNode dump) {
    eachInbound(
        dump,
        (_, chain) -> {
          chain.remove("transport_socket");
          chain.withObject("/filter_chain_match").remove("transport_protocol");
        });
  }

  /** Likewise, and its policies name no callers. */
  private static void plainAndOpen(ObjectNode dump) {
    plain(dump);
    for (JsonNode rule : dump.findParents("principals")) {
      if (rule instanceof ObjectNode object) {
        object.putArray("principals").addObject().put("any", true);
      }
    }
  }

  /** What is done to a chain; it may add others. */
  private interface Change {
    void apply(ArrayNode chains, ObjectNode chain);
  }

  private static void eachInbound(ObjectNode dump, Change change) {
    dump.path("configs")
        .valueStream()
        .flatMap(config -> config.path("dynamic_listeners").valueStream())
        .map(one -> one.at("/active_state/listener"))
        .filter(one -> one.path("traffic_direction").asString("").equals("INBOUND"))
        .map(one -> (ArrayNode) one.path("filter_chains"))
        .forEach(
            chains ->
                List.copyOf(chains.valueStream().toList())
                    .forEach(chain -> change.apply(chains, (ObjectNode) chain)));
  }
}
