package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.PolicyAssertions.Always;
import io.selvage.model.PolicyAssertions.Assertion;
import io.selvage.model.PolicyAssertions.Equivalent;
import io.selvage.model.PolicyAssertions.Never;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PolicyAssertionsReaderTest {
  private static final String HEAD =
      """
      apiVersion: selvage.dev/v1alpha1
      kind: PolicyAssertions
      assertions:
      """;

  private static PolicyAssertionsReader.Result read(String assertions) {
    return PolicyAssertionsReader.read("a.yaml", HEAD + assertions);
  }

  private static Assertion one(String assertions) {
    PolicyAssertionsReader.Result result = read(assertions);
    assertThat(result.problems()).isEmpty();
    return result.read().getFirst().assertions().getFirst();
  }

  @Test
  void aDemandSaysWhoMayNotSendWhatToWhom() {
    Assertion assertion =
        one(
            """
            - id: charge
              why: PCI scope
              never:
                from: {namespaces: [batch]}
                to:
                  workloads: [{namespace: pay, labels: {app: ledger}}]
                  ports: [8080, "9090"]
                request: {methods: [POST], paths: ["/charge/*"]}
              except: [{request: {paths: [/charge/test]}}]
              expires: 2027-03-01
              allowEmpty: true
            """);
    assertThat(assertion.id()).isEqualTo("charge");
    assertThat(assertion.at().toString()).isEqualTo("a.yaml:4");
    assertThat(assertion.expires()).contains(LocalDate.of(2027, 3, 1));
    assertThat(assertion.allowEmpty()).isTrue();
    assertThat(assertion.except()).hasSize(1);
    assertThat(assertion.claim())
        .isInstanceOfSatisfying(
            Never.class,
            never -> {
              assertThat(never.requests().ports()).containsExactly(8080, 9090);
              assertThat(never.requests().rule().to().getFirst().methods().values())
                  .containsExactly("POST");
              assertThat(never.requests().rule().from().getFirst().namespaces().values())
                  .containsExactly("batch");
              var scope = never.requests().to();
              assertThat(scope.selects("", "pay", "x", Map.of("app", "ledger"))).isTrue();
              assertThat(scope.selects("", "pay", "x", Map.of("app", "other"))).isFalse();
            });
  }

  @Test
  void callersWithoutAnIdentityAreAddedOrTakenOut() {
    assertThat(sources("{namespaces: [a], includeUnauthenticated: true}")).hasSize(2);
    assertThat(sources("{namespaces: [a]}")).hasSize(1);
    assertThat(sources("{includeUnauthenticated: true}"))
        .singleElement()
        .satisfies(s -> assertThat(s.notPrincipals().values()).containsExactly("*"));
    assertThat(sources("{notNamespaces: [a], includeUnauthenticated: false}"))
        .singleElement()
        .satisfies(s -> assertThat(s.principals().values()).containsExactly("*"));
  }

  private static List<AuthorizationPolicy.Source> sources(String from) {
    Assertion assertion = one("- {id: a, always: {from: %s}}".formatted(from));
    return ((Always) assertion.claim()).requests().rule().from();
  }

  @Test
  void twoMeshesMayBeDemandedToBeEquivalent() {
    Assertion assertion =
        one("- {id: a, equivalent: {base: b, head: 'main:h', scope: {namespaces: [n]}}}");
    assertThat(assertion.claim())
        .isInstanceOfSatisfying(
            Equivalent.class,
            e -> {
              assertThat(e.base()).isEqualTo("b");
              assertThat(e.head()).isEqualTo("main:h");
              assertThat(e.scope().selects("", "n", "x", Map.of())).isTrue();
              assertThat(e.scope().selects("", "m", "x", Map.of())).isFalse();
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- {id: a, nevr: {}} | assertions[0].nevr: there is no such field; did you mean \"never\"?",
        "- {id: a, never: {}, always: {}} | one of never, always and equivalent",
        "- {never: {}} | assertions[0].id: is required",
        "- {id: a, never: {from: {}}} | from: is empty",
        "- {id: a, never: {from: {serviceAccounts: [x]}}} | needs its namespace",
        "- {id: a, never: {request: {methods: [post]}}} | methods are in capitals",
        "- {id: a, never: {request: {paths: ['/a*b']}}} | a * is a wildcard only once",
        "- {id: a, never: {to: {ports: [70000]}}} | no port to 65535",
        "- {id: a, never: {to: {namespaces: []}}} | is empty; remove it",
        "- {id: a, never: {to: {workloads: [{}]}}} | a workload needs one of",
        "- {id: a, never: {}, expires: soon} | is not a day such as",
        "- {id: a, never: {request: {when: [{key: source.nmespace, values: [a]}]}}} | no condition",
        "[] | there is none, so nothing would be proved",
        "- {id: a, equivalent: {base: x}} | head: is required",
      })
  void whatIsNotUnderstoodIsRefusedWithItsLine(String assertions, String message) {
    PolicyAssertionsReader.Result result =
        assertions.equals("[]")
            ? PolicyAssertionsReader.read("a.yaml", HEAD.stripTrailing() + " []\n")
            : read(assertions + "\n");
    assertThat(result.read()).isEmpty();
    assertThat(result.problems())
        .anySatisfy(
            problem -> {
              assertThat(problem.isError()).isTrue();
              assertThat(problem.render()).contains(message).startsWith("a.yaml:");
            });
  }

  @Test
  void documentsOfOtherKindsAreLeftToOthersAndOtherVersionsRefused() {
    String service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n";
    assertThat(PolicyAssertionsReader.read("a.yaml", service).problems()).isEmpty();
    assertThat(
            PolicyAssertionsReader.read("a.yaml", HEAD.replace("v1alpha1", "v2") + "- {id: a}\n")
                .problems())
        .anySatisfy(p -> assertThat(p.render()).contains("selvage.dev/v1alpha1"));
  }

  private static final String MAP =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: selvage-assertions, namespace: istio-system}
      data:
        a.yaml: |
          apiVersion: selvage.dev/v1alpha1
          kind: %s
          assertions:
          - id: a
            never: {from: {namespaces: [batch]}}
      """;

  @Test
  void aClustersConfigMapHasThemInItsTexts() {
    PolicyAssertionsReader.Result result =
        PolicyAssertionsReader.read("a.yaml", MAP.formatted("PolicyAssertions"));
    assertThat(result.problems()).isEmpty();
    assertThat(result.read().getFirst().assertions().getFirst().at().toString())
        .isEqualTo("a.yaml:9");
  }

  @Test
  void aTextOfTheConfigMapThatIsNoDocumentOfThemIsAnError() {
    for (String wrong :
        new String[] {
          MAP.formatted("PolicyAssertion"),
          MAP.replace("kind: %s", "x: y").replace("selvage.dev/v1alpha1", "v1")
        }) {
      PolicyAssertionsReader.Result result = PolicyAssertionsReader.read("a.yaml", wrong);
      assertThat(result.read()).isEmpty();
      assertThat(result.problems()).isNotEmpty().allMatch(each -> each.code().equals("SLV9413"));
    }
  }
}
