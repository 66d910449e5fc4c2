package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.Change.Direction;
import org.junit.jupiter.api.Test;

/** What a change newly allows and denies. */
class DiffTest {
  private static final String WEB =
      Fixtures.policy(
          "allow",
          "ALLOW",
          """
            - from: [{source: {namespaces: [web]}}]
              to: [{operation: {methods: [GET, POST], paths: ["/charge*"]}}]
          """);
  private static final String WEB_AND_BATCH = WEB.replace("[web]", "[web, batch]");

  private static DiffReport diff(String base, String head) {
    return new Prover(Options.DEFAULT).diff(Fixtures.mesh(base), Fixtures.mesh(head));
  }

  @Test
  void aNamespaceMoreIsAllowedWithARequestThatShowsIt() {
    DiffReport report = diff(WEB, WEB_AND_BATCH);
    assertThat(report.inconclusive()).isEmpty();
    assertThat(report.changes()).hasSize(2); // its port, and other ports, which may speak HTTP
    Change change = report.changes().getFirst();
    assertThat(change.direction()).isEqualTo(Direction.ALLOWED);
    assertThat(change.place().number()).isEqualTo(8080);
    assertThat(change.place().protocol()).isEqualTo(Protocol.HTTP);
    assertThat(change.rows()).hasSize(1);
    Row row = change.rows().getFirst();
    assertThat(row.from()).isEqualTo("any identity in ns batch");
    assertThat(row.known())
        .containsExactly(
            "spiffe://cluster.local/ns/batch/sa/nightly",
            "spiffe://cluster.local/ns/batch/sa/replay");
    assertThat(row.unknown()).isTrue();
    assertThat(row.when())
        .extracting(Row.Term::toString)
        .containsExactly("method is one of GET, POST", "path starts with /charge");
    SampleRequest request = change.witness().request();
    assertThat(request.principal()).contains("spiffe://cluster.local/ns/batch/sa/nightly");
    assertThat(request.method() + " " + request.host() + request.path())
        .isEqualTo("GET ledger.payments:8080/charge");
    assertThat(change.witness().before().orElseThrow().allowed()).isFalse();
    assertThat(change.witness().after().allowed()).isTrue();
  }

  @Test
  void theMirroredChangeIsDenied() {
    DiffReport report = diff(WEB_AND_BATCH, WEB);
    assertThat(report.changes()).extracting(Change::direction).containsOnly(Direction.DENIED);
  }

  @Test
  void whatMeansTheSameIsNoChange() {
    String split =
        Fixtures.policy(
            "allow",
            "ALLOW",
            """
              - from: [{source: {namespaces: [web]}}]
                to: [{operation: {methods: [GET], paths: ["/charge*"]}}]
              - from: [{source: {namespaces: [web]}}]
                to: [{operation: {methods: [POST], paths: ["/charge", "/charge*"]}}]
            """);
    assertThat(diff(WEB, split).isEquivalent()).isTrue();
  }

  @Test
  void strictDeniesPlaintext() {
    String permissive =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: payments}
        spec: {mtls: {mode: PERMISSIVE}}
        """;
    DiffReport report = diff(permissive, permissive.replace("PERMISSIVE", "STRICT"));
    assertThat(report.changes()).hasSize(4);
    assertThat(report.changes().getFirst().rows())
        .extracting(Row::from)
        .containsExactly("unauthenticated (plaintext)");
    assertThat(report.changes().getFirst().witness().after().summary())
        .contains("STRICT")
        .contains("mesh.yaml:1");
  }
}
