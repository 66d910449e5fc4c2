package io.selvage.doctor.check;

import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static io.selvage.doctor.check.Probes.probe;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
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
            f -> f.unseen(Kind.PEER_AUTHENTICATION)));
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

  @TestFactory
  Stream<DynamicTest> waysAroundTheProxy() {
    return Broken.onBoth(
        fails(
            "a port is not captured",
            "SLV2006",
            "sample/httpbin-5d4f8c7b9-x2x2x:8080 is STRICT",
            f -> annotate(f, "traffic.sidecar.istio.io/excludeInboundPorts", "9090,8080")),
        warns(
            "everything is sent around the proxy",
            "SLV2006",
            "sends everything around",
            f -> annotate(f, "traffic.sidecar.istio.io/excludeOutboundIPRanges", "0.0.0.0/0")),
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
