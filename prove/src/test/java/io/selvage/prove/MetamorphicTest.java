package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.prove.Change.Direction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What must hold of a diff whatever the policies are. */
class MetamorphicTest {
  private static final List<String> SOURCES =
      List.of(
          "namespaces: [web]",
          "namespaces: [\"we*\"]",
          "notNamespaces: [batch]",
          "principals: [cluster.local/ns/web/sa/front]",
          "principals: [\"*/sa/nightly\"], ipBlocks: [10.0.0.0/8]",
          "serviceAccounts: [batch/nightly]",
          "requestPrincipals: [\"issuer/*\"]",
          "notRequestPrincipals: [\"*\"]");
  private static final List<String> OPERATIONS =
      List.of(
          "methods: [GET, PUT]",
          "methods: [GET], paths: [\"/a*\"]",
          "paths: [/a, /a/b], notMethods: [GET]",
          "paths: [\"/a/{*}\"]",
          "notPaths: [\"/a*\"], ports: [\"8080\"]",
          "hosts: [\"*.example\"]");
  private static final List<String> CONDITIONS =
      List.of(
          "\"request.headers[x-team]\", values: [red, \"blue*\"]",
          "\"request.headers[x-team]\", notValues: [red]",
          "\"request.auth.claims[groups]\", values: [admin]",
          "\"source.ip\", notValues: [10.1.0.0/16]");
  private static final String TOKENS =
      """
      apiVersion: security.istio.io/v1
      kind: RequestAuthentication
      metadata: {name: tokens, namespace: payments}
      spec: {jwtRules: [{issuer: issuer}]}
      ---
      """;

  private final Prover prover = new Prover(Options.DEFAULT);

  private static String rule(Random random) {
    StringBuilder rule = new StringBuilder("  - ");
    rule.append("from: [{source: {").append(any(SOURCES, random)).append("}}]\n");
    rule.append("    to: [{operation: {").append(any(OPERATIONS, random)).append("}}]\n");
    if (random.nextInt(3) == 0) {
      rule.append("    when: [{key: ").append(any(CONDITIONS, random)).append("}]\n");
    }
    return rule.toString();
  }

  private static List<String> rules(Random random) {
    List<String> rules = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      rules.add(rule(random));
    }
    return rules;
  }

  private static String any(List<String> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }

  private static String policy(String name, String action, List<String> rules) {
    return Fixtures.policy(name, action, String.join("", rules));
  }

  private DiffReport diff(String base, String head) {
    DiffReport report = prover.diff(Fixtures.mesh(TOKENS + base), Fixtures.mesh(TOKENS + head));
    assertThat(report.inconclusive()).isEmpty();
    return report;
  }

  @Property(tries = 40)
  void orderAndRepetitionMeanNothing(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> allow = rules(random);
    List<String> deny = rules(random);
    List<String> shuffled = new ArrayList<>(allow);
    shuffled.addAll(allow);
    Collections.shuffle(shuffled, random);
    assertThat(
            diff(
                    policy("a", "ALLOW", allow) + policy("d", "DENY", deny),
                    policy("z", "DENY", deny) + policy("a", "ALLOW", shuffled))
                .changes())
        .isEmpty();
  }

  @Property(tries = 40)
  void oneMoreDenyNeverAllows(@ForAll long seed) {
    Random random = new Random(seed);
    String base = policy("a", "ALLOW", rules(random));
    assertThat(diff(base, base + policy("d", "DENY", rules(random))).changes())
        .allSatisfy(change -> assertThat(change.direction()).isEqualTo(Direction.DENIED));
  }

  @Property(tries = 40)
  void oneMoreAllowBesideAnotherNeverDenies(@ForAll long seed) {
    Random random = new Random(seed);
    String base = policy("a", "ALLOW", rules(random)) + policy("d", "DENY", rules(random));
    assertThat(diff(base, base + policy("b", "ALLOW", rules(random))).changes())
        .allSatisfy(change -> assertThat(change.direction()).isEqualTo(Direction.ALLOWED));
  }

  @Property(tries = 40)
  void turnedRoundItIsTheMirror(@ForAll long seed) {
    Random random = new Random(seed);
    String one = policy("a", "ALLOW", rules(random)) + policy("d", "DENY", rules(random));
    String other = policy("a", "ALLOW", rules(random)) + policy("d", "DENY", rules(random));
    assertThat(
            diff(one, other).changes().stream()
                .map(change -> change.direction() + " " + change.place()))
        .containsExactlyInAnyOrderElementsOf(
            diff(other, one).changes().stream()
                .map(change -> mirrored(change.direction()) + " " + change.place())
                .toList());
  }

  private static Direction mirrored(Direction direction) {
    return direction == Direction.ALLOWED ? Direction.DENIED : Direction.ALLOWED;
  }
}
