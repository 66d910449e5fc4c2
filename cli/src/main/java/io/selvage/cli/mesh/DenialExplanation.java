package io.selvage.cli.mesh;

import io.selvage.cli.state.DenialReport;
import io.selvage.cli.state.MeshStatus;
import io.selvage.model.SourceLocation;
import io.selvage.model.WorkloadView;
import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.Explainer;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RecordedRequest;
import io.selvage.proxy.telemetry.Denial;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Explains what a workload's proxy denied by the policies that select the workload now. */
final class DenialExplanation {

  private static final Pattern RULE_ID =
      Pattern.compile("ns\\[(.*?)]-policy\\[(.*?)]-rule\\[(\\d+)]");
  private static final String TOKEN_REFUSED = "jwt_authn_access_denied";
  private static final String DENIED_BY_DEFAULT = "rbac_access_denied_matched_policy[none]";

  private final CarriedWorkload workload;
  private final ClusterControl control;

  DenialExplanation(CarriedWorkload workload, ClusterControl control) {
    this.workload = workload;
    this.control = control;
  }

  DenialReport of(Denial denial) {
    var id = RULE_ID.matcher(denial.ruleId());
    boolean byRule = id.find();
    return new DenialReport(
        MeshStatus.API_VERSION,
        denial.requestId(),
        denial.time(),
        workload.key().toString(),
        denial.status(),
        reason(denial),
        byRule ? id.group(1) + "/" + id.group(2) : "",
        byRule ? Integer.parseInt(id.group(3)) : -1,
        denial.ruleId().isEmpty()
            ? ""
            : control.rule(denial.ruleId()).map(SourceLocation::toString).orElse(""),
        denial.details(),
        denial.details().equals(DENIED_BY_DEFAULT)
            ? nearest(denial).map(DenialExplanation::shown).orElse(DenialReport.Nearest.NONE)
            : DenialReport.Nearest.NONE,
        denial.method(),
        denial.authority(),
        denial.path(),
        denial.sourcePrincipal(),
        denial.sourceAddress(),
        denial.requestPrincipal(),
        denial.destinationAddress(),
        denial.serverName());
  }

  private String reason(Denial denial) {
    if (denial.details().startsWith(TOKEN_REFUSED)) {
      return "its token was refused: "
          + denial.details().replaceAll(".*\\{|}.*", "").replace('_', ' ');
    }
    if (denial.details().equals(DENIED_BY_DEFAULT)) {
      return "ALLOW policies apply to this workload, and none of their rules matches";
    }
    var id = RULE_ID.matcher(denial.ruleId());
    if (!id.find()) {
      return denial.details();
    }
    String rule = "rule %s of policy %s/%s".formatted(id.group(3), id.group(1), id.group(2));
    return control
        .rule(denial.ruleId())
        .map(at -> rule + " denies it")
        .orElse(rule + " denied it, which is no longer there");
  }

  /** The ALLOW rule that came nearest, by today's policies. */
  private Optional<RuleReport> nearest(Denial denial) {
    var snapshot = control.snapshot();
    var policies =
        snapshot.authorizationPoliciesFor(
            new WorkloadView(workload.spec().namespace(), workload.spec().labels()));
    boolean http = denial.status() != 0;
    var translated =
        IstioTranslation.translate(
            policies, snapshot.meshConfig(), http ? Protocol.HTTP : Protocol.TCP);
    return Explainer.explain(translated, facts(denial), http ? request(denial).view() : null)
        .nearest();
  }

  private static ConnectionFacts facts(Denial denial) {
    return new ConnectionFacts(
        given(denial.sourcePrincipal()),
        address(denial.sourceAddress()),
        address(denial.destinationAddress()),
        port(denial.destinationAddress()),
        given(denial.serverName()));
  }

  private static RecordedRequest request(Denial denial) {
    int query = denial.path().indexOf('?');
    String token = denial.requestPrincipal();
    int slash = token.lastIndexOf('/');
    return new RecordedRequest(
        denial.method(),
        denial.authority(),
        query < 0 ? denial.path() : denial.path().substring(0, query),
        List.of(),
        Optional.empty(),
        slash < 0
            ? Optional.empty()
            : Optional.of(
                Map.of("iss", token.substring(0, slash), "sub", token.substring(slash + 1))));
  }

  private static DenialReport.Nearest shown(RuleReport rule) {
    String words =
        "rule %d of %s policy %s (%s)"
            .formatted(rule.rule(), rule.action(), rule.policy(), rule.at());
    return new DenialReport.Nearest(
        rule.dropped().map(why -> words + ", which does not count: " + why).orElse(words),
        rule.fields().stream().map(DenialExplanation::shown).toList());
  }

  private static DenialReport.Field shown(FieldReport field) {
    if (isNotKept(field.attribute())) {
      return new DenialReport.Field(
          "unknown",
          "%s wants %s%s; what the request had is not kept"
              .formatted(
                  field.attribute(), field.negated() ? "none of " : "one of ", field.values()));
    }
    return new DenialReport.Field(field.matches() ? "yes" : "no", field.render());
  }

  /** Values of headers and claims may be secrets, so a denial does not remember them. */
  private static boolean isNotKept(String attribute) {
    return attribute.startsWith("request.headers[")
        || attribute.startsWith("request.auth.claims[")
        || attribute.equals("request.auth.audiences")
        || attribute.equals("request.auth.presenter");
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static InetAddress address(String endpoint) {
    int colon = endpoint.lastIndexOf(':');
    String host = colon < 0 ? "" : endpoint.substring(0, colon).replaceAll("[\\[\\]]", "");
    return host.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.ofLiteral(host);
  }

  private static int port(String endpoint) {
    String port = endpoint.substring(endpoint.lastIndexOf(':') + 1);
    return port.matches("\\d{1,5}") ? Integer.parseInt(port) : 0;
  }
}
