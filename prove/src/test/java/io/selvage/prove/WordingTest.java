package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows are in a policy's own words. */
class WordingTest {
  private static List<Row> rows(String rules) {
    return new Prover(Options.DEFAULT)
        .reach(
            Fixtures.mesh(Fixtures.policy("p", "ALLOW", rules)),
            new SourceSelection.Anybody(),
            WorkloadSelection.named("payments", "ledger"))
        .reaches()
        .getFirst()
        .rows();
  }

  @Test
  void namespacesAreNamedOnce() {
    assertThat(rows("  - from: [{source: {namespaces: [web, batch]}}]\n"))
        .extracting(Row::from)
        .containsExactly("any identity in ns batch or web");
  }

  @Test
  void whatIsLeftOutIsNamed() {
    assertThat(
            rows(
                """
                  - from: [{source: {notNamespaces: [legacy], principals: ["*"]}}]
                """))
        .extracting(Row::from)
        .containsExactly("any identity not in ns legacy");
  }

  @Test
  void whatOneMayDoMoreIsARowOfItsOwn() {
    assertThat(
            rows(
                """
                  - from: [{source: {namespaces: [web, batch]}}]
                    to: [{operation: {methods: [GET]}}]
                  - from: [{source: {principals: [cluster.local/ns/web/sa/front]}}]
                """))
        .extracting(row -> row.from() + " " + row.when())
        .containsExactlyInAnyOrder(
            "cluster.local/ns/web/sa/front []",
            "any identity in ns batch or web, but not: cluster.local/ns/web/sa/front [method = GET]");
  }

  @Test
  void aPolicyThatAllowsNobodyIsNoFinding() {
    assertThat(
            new Prover(Options.DEFAULT)
                .lint(
                    Fixtures.mesh(
                        """
                        apiVersion: security.istio.io/v1
                        kind: AuthorizationPolicy
                        metadata: {name: nobody, namespace: payments}
                        spec: {}
                        """))
                .findings())
        .isEmpty();
  }
}
