package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.ReachReport.Reach;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who can talk to whom. */
class ReachTest {
  private static final String TOKENS =
      Fixtures.policy(
              "tokens",
              "ALLOW",
              """
                - from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]
                  when: [{key: "request.auth.claims[groups]", values: [admin, ops]}]
              """)
          + """
          apiVersion: security.istio.io/v1
          kind: RequestAuthentication
          metadata: {name: tokens, namespace: payments}
          spec: {jwtRules: [{issuer: "https://issuer.example"}]}
          """;

  private static List<Reach> reach(String yaml, SourceSelection from) {
    ReachReport report =
        new Prover(Options.DEFAULT)
            .reach(Fixtures.mesh(yaml), from, WorkloadSelection.named("payments", "ledger"));
    assertThat(report.inconclusive()).isEmpty();
    return report.reaches();
  }

  @Test
  void withoutPoliciesAnybodyMayDoAnything() {
    List<Reach> reaches = reach("", new SourceSelection.Anybody());
    assertThat(reaches)
        .extracting(reach -> reach.place().toString())
        .containsExactly(
            "payments/ledger :8080 HTTP",
            "payments/ledger :9090 TCP",
            "payments/ledger other ports HTTP",
            "payments/ledger other ports TCP");
    assertThat(reaches)
        .allSatisfy(
            reach -> {
              assertThat(reach.rows()).hasSize(1);
              assertThat(reach.rows().getFirst().from()).isEqualTo("anybody");
              assertThat(reach.rows().getFirst().when()).isEmpty();
              assertThat(reach.witness()).isPresent();
            });
  }

  @Test
  void aTokensClaimsAreShownAndMadeForTheWitness() {
    Reach http = reach(TOKENS, new SourceSelection.Plaintext()).getFirst();
    assertThat(http.rows()).isNotEmpty();
    SampleRequest request = http.witness().orElseThrow().request();
    assertThat(request.claims().orElseThrow())
        .containsEntry("iss", "https://issuer.example")
        .containsKey("sub")
        .containsKey("groups");
    Reach tcp = reach(TOKENS, new SourceSelection.Plaintext()).get(1);
    assertThat(tcp.place().protocol()).isEqualTo(Protocol.TCP);
    assertThat(tcp.rows()).isEmpty();
  }

  @Test
  void oneIdentityReachesWhatNamesIt() {
    String yaml =
        Fixtures.policy(
            "one",
            "ALLOW",
            """
              - from: [{source: {principals: [cluster.local/ns/web/sa/front]}}]
                to: [{operation: {ports: ["8080"]}}]
            """);
    assertThat(reach(yaml, new SourceSelection.Principal("spiffe://cluster.local/ns/web/sa/front")))
        .filteredOn(reach -> !reach.rows().isEmpty())
        .extracting(reach -> reach.place().toString())
        .containsExactly("payments/ledger :8080 HTTP");
    assertThat(reach(yaml, new SourceSelection.Principal("spiffe://cluster.local/ns/web/sa/other")))
        .allSatisfy(reach -> assertThat(reach.rows()).isEmpty());
  }
}
