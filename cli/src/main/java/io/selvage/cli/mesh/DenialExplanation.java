package io.selvage.cli.mesh;

import io.selvage.cli.prove.report.RuleWords;
import io.selvage.cli.state.DenialReport;
import io.selvage.cli.state.MeshStatus;
import io.selvage.model.SourceLocation;
import io.selvage.model.WorkloadView;
import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.Explainer;
import io.selvage.policy.Explanation;
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
        trace(denial, byRule),
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
      return RuleWords.NOTHING_MATCHES;
    }
    var id = RULE_ID.matcher(denial.ruleId());
    if (!id.find()) {
      return denial.details();
    }
    String rule =
        "by "
            + RuleWords.named(
                "DENY", id.group(1) + "/" + id.group(2), Integer.parseInt(id.group(3)));
    return control.rule(denial.ruleId()).map(_ -> rule).orElse(rule + ", which is no longer there");
  }

  /** The rule that decided, or that came nearest, by today's policies. */
  private DenialReport.Trace trace(Denial denial, boolean byRule) {
    if (!byRule && !denial.details().equals(DENIED_BY_DEFAULT)) {
      return DenialReport.Trace.NONE;
    }
    Explanation explanation = explained(denial);
    return byRule
        ? explanation
            .decidedBy()
            .filter(rule -> rule.ruleId().equals(denial.ruleId()))
            .map(rule -> shown(rule, RuleWords.named(rule) + "  " + rule.at()))
            .orElse(DenialReport.Trace.NONE)
        : explanation
            .nearest()
            .map(rule -> shown(rule, RuleWords.nearest(rule)))
            .orElse(DenialReport.Trace.NONE);
  }

  private Explanation explained(Denial denial) {
    var snapshot = control.snapshot();
    var policies =
        snapshot.authorizationPoliciesFor(
            new WorkloadView(workload.spec().namespace(), workload.spec().labels()));
    boolean http = denial.status() != 0;
    var translated =
        IstioTranslation.translate(
            policies, snapshot.meshConfig(), http ? Protocol.HTTP : Protocol.TCP);
    return Explainer.explain(translated, facts(denial), http ? request(denial).view() : null);
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

  private static DenialReport.Trace shown(RuleReport rule, String words) {
    return new DenialReport.Trace(
        rule.dropped().map(why -> words + "  " + RuleWords.dropped(why)).orElse(words),
        rule.fields().stream().map(field -> shown(rule, field)).toList());
  }

  private static DenialReport.Field shown(RuleReport rule, FieldReport field) {
    RuleWords.Row row =
        isNotKept(field.attribute())
            ? RuleWords.Row.unknown(rule, field)
            : RuleWords.Row.of(rule, field);
    return new DenialReport.Field(
        row.name(), row.values(), row.actual(), row.verdict(), row.place(), row.hint().orElse(""));
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
