package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.prove.report.RuleWords;
import io.selvage.cli.state.DenialReport;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.telemetry.Denial;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DenialExplanationTest {

  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: web, namespace: pay}
      spec:
        rules:
        - from: [{source: {principals: [cluster.local/ns/pay/sa/client]}}]
          to: [{operation: {methods: [GET], paths: [/read]}}]
          when: [{key: 'request.headers[x-team]', values: [blue]}]
      """;
  private static final String CLIENT = "spiffe://cluster.local/ns/pay/sa/client";

  private final DenialExplanation explanation =
      new DenialExplanation(
          new CarriedWorkload(
              new WorkloadSpec(
                  "web",
                  "pay",
                  "east",
                  "web",
                  Map.of("app", "web"),
                  new WorkloadSpec.Command(List.of("x"), Map.of(), Optional.empty()),
                  List.of(),
                  List.of(),
                  WorkloadSpec.Proxy.SELVAGE),
              "10.80.0.10",
              Optional.empty(),
              Optional.empty(),
              "127.0.0.1"),
          new Declared());

  /** A control plane that knows the policy above, and nothing of proxies. */
  private static final class Declared implements ClusterControl {
    private final MeshSnapshot snapshot =
        MeshSnapshot.of(1, ResourceReader.read("p.yaml", POLICY).resources(), List.of());

    @Override
    public Workloads workloads() {
      throw new UnsupportedOperationException();
    }

    @Override
    public MeshSnapshot snapshot() {
      return snapshot;
    }

    @Override
    public ServiceRegistry services() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void trust(TrustBundle roots) {}

    @Override
    public MeshState.ControlPlane admin() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int port() {
      return 0;
    }

    @Override
    public Optional<SourceLocation> rule(String id) {
      return id.contains("policy[web]")
          ? Optional.of(new SourceLocation("p.yaml", 6, 5))
          : Optional.empty();
    }

    @Override
    public List<Trouble> troubles() {
      return List.of();
    }

    @Override
    public boolean synced() {
      return true;
    }

    @Override
    public boolean connected(String nodeId) {
      return false;
    }

    @Override
    public void onPush(Runnable listener) {}

    @Override
    public void close() {}
  }

  private DenialReport explain(int status, String rule, String details, String path) {
    return explanation.of(
        new Denial(
            "id-1",
            Instant.parse("2026-03-01T12:00:00Z"),
            "pay/web",
            status,
            rule,
            details,
            CLIENT,
            "10.80.0.11:40000",
            "10.80.0.10:8000",
            "",
            status == 0 ? "" : "GET",
            status == 0 ? "" : "web.pay:8000",
            path,
            ""));
  }

  @Test
  void whereNothingAllowsItTheNearestRuleIsShownFieldByField() {
    var report = explain(403, "", "rbac_access_denied_matched_policy[none]", "/write?x=1");
    assertThat(report.request()).isEqualTo("GET web.pay:8000/write?x=1");
    assertThat(report.policy()).isEmpty();
    assertThat(report.reason()).isEqualTo(RuleWords.NOTHING_MATCHES);
    assertThat(report.trace().rule()).isEqualTo("nearest: ALLOW pay/web rule 0  p.yaml:6");
    assertThat(report.trace().fields())
        .extracting(DenialReport.Field::verdict)
        .containsExactly("match", "match", "no match", "unknown");
    DenialReport.Field path = report.trace().fields().get(2);
    assertThat(path.name() + " " + path.values() + " " + path.actual())
        .isEqualTo("to.paths [/read] /write");
  }

  @Test
  void aRuleThatDeniesIsNamedWithItsPlace() {
    String rule = "ns[pay]-policy[web]-rule[2]";
    var report = explain(403, rule, "rbac_access_denied_matched_policy[" + rule + "]", "/x");
    assertThat(report.policy()).isEqualTo("pay/web");
    assertThat(report.rule()).isEqualTo(2);
    assertThat(report.at()).isEqualTo("p.yaml:6");
    assertThat(report.reason()).isEqualTo("by DENY pay/web rule 2");
    assertThat(report.trace()).isEqualTo(DenialReport.Trace.NONE);
  }

  @Test
  void aRuleThatIsGoneSinceIsSaidToBe() {
    String rule = "ns[pay]-policy[old]-rule[0]";
    var report = explain(403, rule, "rbac_access_denied_matched_policy[" + rule + "]", "/x");
    assertThat(report.at()).isEmpty();
    assertThat(report.reason()).endsWith("which is no longer there");
  }

  @Test
  void aRefusedTokenIsTheReason() {
    var report = explain(401, "", "jwt_authn_access_denied{Jwt_is_expired}", "/read");
    assertThat(report.reason()).isEqualTo("its token was refused: Jwt is expired");
    assertThat(report.trace().fields()).isEmpty();
  }

  @Test
  void aConnectionHasNoRequest() {
    var report = explain(0, "", "rbac_access_denied_matched_policy[none]", "");
    assertThat(report.request()).isEqualTo("a connection to 10.80.0.10:8000");
  }
}
