package io.selvage.it.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.selvage.it.grpc.AnyMethod.Ended;
import io.selvage.it.stage.Until;
import io.selvage.model.Problem;
import io.selvage.pki.WorkloadCertificate;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gRPC servers behind one service and a gRPC client, all without proxies, in our mesh. */
@Tag("real")
class GrpcInOurMeshTest {
  private static final String SERVICE = "xds:///server.sample.svc.cluster.local:50051";
  private static final String POLICIES = "policies.yaml";

  @TempDir private static Path home;
  private static GrpcMesh mesh;
  private static Program sleep;
  private static WorkloadCertificate asSleep;

  @BeforeAll
  static void up() throws Exception {
    mesh = new GrpcMesh(home, Configuration.STRICT);
    try {
      Program one = mesh.starting("one", "server", "127.95.1.1");
      Program two = mesh.starting("two", "server", "127.95.1.2");
      sleep = mesh.client("sample", "sleep", "127.95.2.1");
      one.untilReady();
      two.untilReady();
      asSleep = mesh.certificate("it.mesh", "sample", "sleep");
    } catch (Exception | AssertionError e) {
      mesh.close();
      throw e;
    }
  }

  @AfterAll
  static void down() {
    mesh.close();
  }

  private static Ended ask(String path, String... headers) throws Exception {
    return mesh.ask("one", Optional.of(asSleep), path, headers);
  }

  private static List<String> problems() {
    return mesh.plane().control().status().problems().stream().map(Problem::code).toList();
  }

  @Test
  void aCallArrivesWithTheIdentityOfItsCallerByEachNameOfTheService() throws Exception {
    for (String host : List.of("server.sample.svc.cluster.local", "server.sample", "server")) {
      Ended ended = sleep.call("xds:///" + host + ":50051", "/it.Any/Thing");

      assertThat(ended.text())
          .as("%s: %s", host, ended)
          .matches("(one|two) spiffe://it.mesh/ns/sample/sa/sleep /it.Any/Thing");
    }
  }

  @Test
  void callsGoToBothServersInTurn() throws Exception {
    Set<String> answered = new HashSet<>();
    Until.holds(
        "both have answered",
        () -> {
          answered.add(sleep.call(SERVICE, "/it.Any/Thing").text().substring(0, 3));
          return answered.equals(Set.of("one", "two"));
        });
  }

  @Test
  void aCallThatAServerCouldNotTakeIsTriedAgainByTheRoute() throws Exception {
    assertThat(ask("/it.Flaky/Thing").code()).as("without xDS").isEqualTo(Code.UNAVAILABLE);
    assertThat(sleep.call(SERVICE, "/it.Flaky/Thing").code()).isEqualTo(Code.OK);
  }

  @Test
  void plaintextAndStrangersAreRefused() throws Exception {
    assertThat(mesh.ask("one", Optional.empty(), "/it.Any/Thing").code())
        .as("plaintext")
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(
            mesh.ask(
                    "one",
                    Optional.of(mesh.certificate("other.mesh", "sample", "sleep")),
                    "/it.Any/Thing")
                .code())
        .as("another trust domain's certificate of the same CA")
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(ask("/it.Any/Thing").isOk()).isTrue();
  }

  /** One row: who asks for what, and whether it gets an answer. */
  private record Row(String as, String path, List<String> headers, boolean allowed) {
    static Row allowed(String as, String path, String... headers) {
      return new Row(as, path, List.of(headers), true);
    }

    static Row denied(String as, String path, String... headers) {
      return new Row(as, path, List.of(headers), false);
    }
  }

  private static void judged(List<Row> rows) throws Exception {
    for (Row row : rows) {
      String[] who = row.as().split("/", -1);
      Ended ended =
          mesh.ask(
              "one",
              Optional.of(mesh.certificate("it.mesh", who[0], who[1])),
              row.path(),
              row.headers().toArray(String[]::new));
      assertThat(ended.code())
          .as("%s: %s", row, ended)
          .isEqualTo(row.allowed() ? Code.OK : Code.PERMISSION_DENIED);
    }
  }

  @Test
  void policiesHoldAsTheyAreWrittenAndWithoutTheirAuthorNoMore() throws Exception {
    mesh.apply(
        POLICIES,
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: denied, namespace: sample}
        spec:
          action: DENY
          rules:
          - from: [{source: {principals: [it.mesh/ns/sample/sa/denied]}}]
          - from: [{source: {namespaces: [evil]}}]
          - to: [{operation: {paths: [/it.Denied/*, '*/Backup', '/it.Part/{*}/x']}}]
          - to: [{operation: {paths: [/it.Port/*], ports: ['%d']}}]
          - to: [{operation: {paths: [/it.Other/*], ports: ['1']}}]
          - from: [{source: {ipBlocks: [127.0.0.0/8]}}]
            to: [{operation: {paths: [/it.Near/*]}}]
          - from: [{source: {notIpBlocks: [127.0.0.0/8]}}]
            to: [{operation: {paths: [/it.Far/*]}}]
          - when: [{key: 'request.headers[x-role]', values: [evil, 'bad-*']}]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: allowed, namespace: sample}
        spec:
          rules:
          - from: [{source: {principals: [it.mesh/ns/sample/sa/sleep]}}]
            to: [{operation: {notPaths: [/it.NotSleep/*]}}]
          - from: [{source: {namespaces: [sample, evil]}}]
            to: [{operation: {paths: [/it.Any/*]}}]
            when: [{key: 'request.headers[x-team]', notValues: [red]}]
        """
            .formatted(mesh.port("one")));
    GrpcMesh.until("it is denied", () -> ask("/it.Denied/Thing"), Code.PERMISSION_DENIED);

    judged(
        List.of(
            Row.allowed("sample/sleep", "/it.Any/Thing"),
            Row.allowed("sample/sleep", "/it.Sleep/Thing"),
            Row.denied("sample/sleep", "/it.NotSleep/Thing"),
            Row.denied("sample/denied", "/it.Any/Thing"),
            Row.denied("evil/sleep", "/it.Any/Thing"),
            Row.allowed("sample/other", "/it.Any/Thing"),
            Row.denied("sample/other", "/it.Sleep/Thing"),
            Row.denied("elsewhere/sleep", "/it.Any/Thing"),
            Row.denied("sample/sleep", "/it.Denied/Thing"),
            Row.denied("sample/sleep", "/it.Some/Backup"),
            Row.allowed("sample/sleep", "/it.Some/BackupOf"),
            Row.denied("sample/sleep", "/it.Part/any/x"),
            Row.allowed("sample/sleep", "/it.Part/any/y"),
            Row.denied("sample/sleep", "/it.Port/Thing"),
            Row.allowed("sample/sleep", "/it.Other/Thing"),
            Row.denied("sample/sleep", "/it.Near/Thing"),
            Row.allowed("sample/sleep", "/it.Far/Thing"),
            Row.allowed("sample/sleep", "/it.Any/Thing", "x-role=good"),
            Row.denied("sample/sleep", "/it.Any/Thing", "x-role=evil"),
            Row.denied("sample/sleep", "/it.Any/Thing", "x-role=bad-one"),
            Row.denied("sample/sleep", "/it.Any/Thing", "x-role=good", "x-role=evil"),
            Row.denied("sample/other", "/it.Any/Thing", "x-team=red"),
            Row.allowed("sample/other", "/it.Any/Thing", "x-team=blue"),
            Row.denied("sample/other", "/it.Any/Thing", "x-team=blue", "x-team=red"),
            Row.denied("sample/sleep", "/it.Any/Thing?x=1"),
            Row.denied("sample/sleep", "//it.Any/Thing"),
            Row.denied("sample/sleep", "/it.Sleep/../it.Denied/Thing"),
            Row.denied("sample/sleep", "/it.Sleep/..;x/it.Denied/Thing"),
            Row.denied("sample/sleep", "/it.%44enied/Thing")));
    assertThat(sleep.call(SERVICE, "/it.Denied/Thing").code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(sleep.call(SERVICE, "/it.Any/Thing").code()).isEqualTo(Code.OK);

    mesh.remove(POLICIES);
    GrpcMesh.until("it is allowed again", () -> ask("/it.Denied/Thing"), Code.OK);
  }

  @Test
  void anAllowPolicyWithoutRulesDeniesEverything() throws Exception {
    mesh.apply(
        POLICIES,
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: nothing, namespace: sample}
        spec: {}
        """);
    GrpcMesh.until("it is denied", () -> ask("/it.Any/Thing"), Code.PERMISSION_DENIED);

    mesh.remove(POLICIES);
    GrpcMesh.until("it is allowed again", () -> ask("/it.Any/Thing"), Code.OK);
  }

  @Test
  void whatGrpcHasNoWordForStopsMoreAndIsTold() throws Exception {
    mesh.apply(
        POLICIES,
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: sample}
        spec:
          jwtRules:
          - {issuer: someone, jwks: '{"keys":[]}', outputClaimToHeaders: [{header: x-sub, claim: sub}]}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: asked, namespace: sample}
        spec:
          action: CUSTOM
          provider: {name: someone}
          rules: [{to: [{operation: {paths: [/it.Asked/*]}}]}]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: denied, namespace: sample}
        spec:
          action: DENY
          rules:
          - to: [{operation: {paths: [/it.Named/*]}}]
            when: [{key: connection.sni, values: [some.name]}]
          - to: [{operation: {paths: [/it.Tokens/*]}}]
            from: [{source: {notRequestPrincipals: ['*']}}]
          - to: [{operation: {paths: [/it.Via/*]}}]
            from: [{source: {remoteIpBlocks: [10.0.0.0/8]}}]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: allowed, namespace: sample}
        spec:
          rules:
          - to: [{operation: {notPaths: [/it.Users/*]}}]
          - to: [{operation: {paths: [/it.Users/*]}}]
            from: [{source: {requestPrincipals: ['*']}}]
        """);
    GrpcMesh.until("it is denied", () -> ask("/it.Asked/Thing"), Code.PERMISSION_DENIED);

    judged(
        List.of(
            Row.allowed("sample/sleep", "/it.Any/Thing"),
            Row.denied("sample/sleep", "/it.Any/Thing", "authorization=Bearer a.b.c"),
            Row.denied("sample/sleep", "/it.Any/Thing", "x-sub=forged"),
            Row.denied("sample/sleep", "/it.Asked/Thing"),
            Row.denied("sample/sleep", "/it.Named/Thing"),
            Row.denied("sample/sleep", "/it.Tokens/Thing"),
            Row.denied("sample/sleep", "/it.Users/Thing"),
            Row.allowed("sample/sleep", "/it.Via/Thing"),
            Row.denied("sample/sleep", "/it.Via/Thing", "x-forwarded-for=10.1.1.1")));
    assertThat(problems()).contains("SLV4230");
    assertThat(mesh.plane().control().status().clients())
        .allSatisfy(
            client ->
                assertThat(client.types()).allSatisfy(type -> assertThat(type.nack()).isEmpty()));

    mesh.remove(POLICIES);
    GrpcMesh.until("it is allowed again", () -> ask("/it.Asked/Thing"), Code.OK);
  }

  @Test
  void permissiveTakesMutualTlsAloneAndDisableTakesPlaintextAlone() throws Exception {
    mesh.apply("peers.yaml", Configuration.peers("PERMISSIVE"));
    Until.seen("it is told", GrpcInOurMeshTest::problems, all -> all.contains("SLV4231"));
    assertThat(mesh.ask("one", Optional.empty(), "/it.Any/Thing").code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(sleep.call(SERVICE, "/it.Any/Thing").text()).contains("/sa/sleep");

    mesh.apply("peers.yaml", Configuration.peers("DISABLE"));
    Until.seen(
        "plaintext is taken",
        () -> mesh.ask("one", Optional.empty(), "/it.Any/Thing"),
        ended -> ended.text().equals("one plaintext /it.Any/Thing"));
    Until.seen(
        "the client speaks plaintext, too",
        () -> sleep.call(SERVICE, "/it.Any/Thing").text(),
        text -> text.contains("plaintext"));

    mesh.apply("peers.yaml", Configuration.peers("STRICT"));
    GrpcMesh.until(
        "plaintext is refused",
        () -> mesh.ask("one", Optional.empty(), "/it.Any/Thing"),
        Code.UNAVAILABLE);
    Until.seen(
        "the client proves who it is",
        () -> sleep.call(SERVICE, "/it.Any/Thing").text(),
        text -> text.contains("/sa/sleep"));
  }
}
