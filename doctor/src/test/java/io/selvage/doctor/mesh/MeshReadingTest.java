package io.selvage.doctor.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.mesh.Rbac.Right;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What the checks read of evidence, before any of them judges it. */
class MeshReadingTest {
  @Test
  void selectorsSelectAsInKubernetes() {
    assertThat(selects("{}", Map.of())).isTrue();
    assertThat(selects("{matchLabels: {a: b}}", Map.of("a", "b", "c", "d"))).isTrue();
    assertThat(selects("{matchLabels: {a: b}}", Map.of("a", "c"))).isFalse();
    assertThat(selects("{matchExpressions: [{key: a, operator: NotIn, values: [b]}]}", Map.of()))
        .isTrue();
    assertThat(
            selects(
                "{matchExpressions: [{key: a, operator: NotIn, values: [b]}]}", Map.of("a", "b")))
        .isFalse();
    assertThat(selects("{matchExpressions: [{key: a, operator: In, values: [b]}]}", Map.of()))
        .isFalse();
    assertThat(selects("{matchExpressions: [{key: a, operator: DoesNotExist}]}", Map.of("b", "")))
        .isTrue();
    assertThat(selects("{matchExpressions: [{key: a, operator: Exists}]}", Map.of("a", "")))
        .isTrue();
    assertThat(selects("{matchExpressions: [{key: a, operator: Later}]}", Map.of("a", "")))
        .as("an operator that nobody knows")
        .isFalse();
  }

  private static boolean selects(String yaml, Map<String, String> labels) {
    String json = yaml.replaceAll("(\\w+)", "\"$1\"").replaceAll("\"\"", "\"");
    return new LabelSelector(JsonMapper.shared().readTree(json)).matches(labels);
  }

  @Test
  void versionsAreReadOfTexts() {
    assertThat(Version.in("1.28.1-asm.4")).contains(new Version(1, 28));
    assertThat(Version.in("proxyv2:1.9.0")).contains(new Version(1, 9));
    assertThat(Version.in("v1.34.0")).contains(new Version(1, 34));
    assertThat(Version.in("latest")).isEmpty();
    assertThat(new Version(1, 9)).isLessThan(new Version(1, 28));
  }

  @Test
  void whatLastsIsToldFromWhatHappenedOnce() {
    Instant now = Fixtures.NOW;
    assertThat(at(now, 1, 2, 3).isPersistent(now)).as("three times in two minutes").isTrue();
    assertThat(at(now, 1, 2).isPersistent(now)).as("twice").isFalse();
    assertThat(at(now, 20, 30, 40).isPersistent(now)).as("long ago").isFalse();
    assertThat(at(now, 1, 1, 1).isPersistent(now)).as("all at once").isFalse();
    assertThat(
            new Occurrences(List.of(line(null), line(null), line(null)), Duration.ofHours(1))
                .isPersistent(now))
        .as("without times")
        .isTrue();
    assertThat(at(now, 1, 2, 3)).hasToString("3x in 60 min, last at 2026-11-26T11:59:00Z");
  }

  private static Occurrences at(Instant now, int... minutesAgo) {
    return new Occurrences(
        IntStream.of(minutesAgo).mapToObj(ago -> line(now.minus(Duration.ofMinutes(ago)))).toList(),
        Duration.ofHours(1));
  }

  private static LogLine line(@Nullable Instant time) {
    return new LogLine("istio-system", "istiod-x", "discovery", Optional.ofNullable(time), "x");
  }

  @Test
  void aServedChainIsJudgedAtAGivenTime() throws PkiException {
    FixtureAuthority authority = FixtureAuthority.make();
    TrustBundle bundle = TrustBundle.parse(authority.root());
    ServerChain chain =
        ServerChain.of(new Handshake.Served(authority.served("istiod"), "TLSv1.3", "x", "h2"))
            .orElseThrow();
    assertThat(chain.problemOfPath(bundle, Fixtures.NOW)).isEmpty();
    assertThat(chain.problemOfPath(bundle, Fixtures.NOW.plus(Duration.ofDays(2))))
        .get()
        .asString()
        .contains("expired at");
    assertThat(chain.problemOfPath(bundle, Fixtures.NOW.minus(Duration.ofDays(2))))
        .get()
        .asString()
        .contains("is not valid before");
    assertThat(chain.problemOfPath(TrustBundle.parse(FixtureAuthority.make().root()), Fixtures.NOW))
        .as("a root of the same name with another key")
        .get()
        .asString()
        .contains("it leads to \"O=cluster.local\"");
    assertThat(chain.problemOfPath(TrustBundle.empty(), Fixtures.NOW)).isPresent();
    assertThat(chain.problemOfName("istiod.istio-system.svc")).isEmpty();
    assertThat(chain.problemOfName("other.istio-system.svc")).isPresent();
    assertThat(chain.isInOrder()).isTrue();
    assertThat(chain.sentRoot().map(Pem::of)).contains(authority.root());
  }

  @Test
  void rightsAreFoundByRolesAndBindings() {
    Fixture fixture =
        Fixtures.istio()
            .with(
                """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: one, namespace: pay}
                rules: [{apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: [get]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: one, namespace: pay}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: one}
                subjects: [{kind: ServiceAccount, name: web}]
                """);
    Rbac rbac = Rbac.of(fixture.cluster());
    assertThat(who(rbac, new Right("get", "", "secrets", "pay", "x")))
        .contains("ServiceAccount pay/web");
    assertThat(who(rbac, new Right("get", "", "secrets", "pay", "y")))
        .doesNotContain("ServiceAccount pay/web");
    assertThat(who(rbac, new Right("get", "", "secrets", "pay", "")))
        .as("a rule by name gives no right to all")
        .doesNotContain("ServiceAccount pay/web");
    assertThat(who(rbac, new Right("get", "", "secrets", "sample", "x")))
        .as("in another namespace")
        .doesNotContain("ServiceAccount pay/web");
    assertThat(who(rbac, new Right("list", "security.istio.io", "peerauthentications", "", "")))
        .as("by an asterisk")
        .contains("ServiceAccount istio-system/istiod");
  }

  private static List<String> who(Rbac rbac, Right right) {
    return rbac.whoCan(right).stream().map(Rbac.Grant::subject).toList();
  }

  @Test
  void aLaterVersionNeedsMoreRights() {
    assertThat(ShippedRights.of(istio("1.10.0")))
        .isNotEmpty()
        .noneMatch(right -> right.group().equals("telemetry.istio.io"));
    assertThat(ShippedRights.of(istio("1.28.1")))
        .anyMatch(right -> right.group().equals("telemetry.istio.io"))
        .contains(
            new Right("list", "apiextensions.k8s.io", "customresourcedefinitions", "", ""),
            new Right("update", "", "secrets", "mesh", ""));
  }

  /** A fresh istiod has all that is asked of it: the chart's roles give it. */
  @Test
  void theChartGivesWhatIsAskedFor() {
    var roles = Fixtures.istio().cluster().objects();
    var all =
        Stream.of(Kind.CLUSTER_ROLE, Kind.ROLE).flatMap(kind -> roles.all(kind).stream()).toList();
    assertThat(ShippedRights.of(istio("1.28.1")))
        .allSatisfy(
            right ->
                assertThat(all).as(right.toString()).anyMatch(role -> Rbac.allows(role, right)));
  }

  private static Flavour istio(String version) {
    return new Flavour(Flavour.Kind.ISTIO, version, "mesh", List.of(), "cluster.local");
  }
}
