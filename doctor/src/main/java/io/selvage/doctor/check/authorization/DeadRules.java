package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Proved;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Witness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Rules that can never do anything: no request matches them, or a DENY covers all that they allow.
 * The prover decides it, and shows a request.
 */
public final class DeadRules {
  /** Every rule does something. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV4009",
              "every rule can do something",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of("R6"),
              Optional.of("IST0167")),
          DeadRules::ask);

  private DeadRules() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(
            cluster,
            results,
            Kind.AUTHORIZATION_POLICY,
            Kind.PEER_AUTHENTICATION,
            Kind.REQUEST_AUTHENTICATION,
            Kind.POD,
            Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(
        mesh,
        results,
        Kind.AUTHORIZATION_POLICY,
        Kind.PEER_AUTHENTICATION,
        Kind.REQUEST_AUTHENTICATION);
    int policies = mesh.snapshot().all(AuthorizationPolicy.class).size();
    if (policies == 0) {
      if (results.isFine()) {
        results.skip("there is no AuthorizationPolicy");
      }
      return;
    }
    LintReport report = Proved.lint(cluster);
    List<String> redundant = new ArrayList<>();
    for (LintFinding finding : report.findings()) {
      if (isEmpty(cluster, finding)) {
        continue; // an empty policy is meant to match nothing; SLV4004 judges it
      }
      if (finding.kind() == LintFinding.Kind.TOKEN_WITHOUT_ISSUER
          && mesh.isObscure(namespace(finding), Kind.REQUEST_AUTHENTICATION)) {
        continue; // the issuer may be in what was refused
      }
      switch (finding.kind()) {
        case IMPOSSIBLE, DENIED, TOKEN_WITHOUT_ISSUER -> tell(finding, results);
        case REDUNDANT -> redundant.add(finding.policy());
        case DEAD, PLAINTEXT_ADMITTED -> {
          // SLV4003 and SLV4006 say so
        }
      }
    }
    if (!report.inconclusive().isEmpty()) {
      results.unknown(
          "%s could not be decided: %s"
              .formatted(
                  Words.count(report.inconclusive().size(), "place"),
                  report.inconclusive().getFirst().reason()));
    } else if (results.isFine()) {
      results.pass(
          "the rules of %s can do something%s"
              .formatted(
                  policies == 1 ? "1 policy" : policies + " policies",
                  redundant.isEmpty()
                      ? ""
                      : "; others do the same as rules of " + Words.some(redundant)));
    }
  }

  private static boolean isEmpty(ClusterEvidence cluster, LintFinding finding) {
    return MeshView.of(cluster).snapshot().all(AuthorizationPolicy.class).stream()
        .filter(policy -> policy.meta().qualifiedName().equals(finding.policy()))
        .anyMatch(policy -> policy.ruleList().isEmpty());
  }

  private static String namespace(LintFinding finding) {
    return finding.policy().substring(0, Math.max(0, finding.policy().indexOf('/')));
  }

  private static void tell(LintFinding finding, Results results) {
    int slash = finding.policy().indexOf('/');
    String rule = finding.rule().map(index -> " rule " + index).orElse("");
    var said =
        results
            .warn("%s %s%s: %s".formatted(finding.action(), finding.policy(), rule, finding.text()))
            .about(
                new ObjectRef(
                    "AuthorizationPolicy",
                    finding.policy().substring(0, Math.max(0, slash)),
                    finding.policy().substring(slash + 1)))
            .seen(
                "at "
                    + Words.some(finding.places().stream().map(place -> place.toString()).toList()),
                "the prover, over all requests that can be sent")
            .effect("what its author meant by it is not in force")
            .next("remove the rule, or narrow what covers it; selvage prove lint shows the same");
    said.cause(
        finding.because().isEmpty()
            ? switch (finding.kind()) {
              case TOKEN_WITHOUT_ISSUER ->
                  "no RequestAuthentication of these workloads takes a token, so none is verified";
              default -> "its conditions exclude one another";
            }
            : "because of "
                + Words.some(
                    finding.because().stream()
                        .map(one -> "%s rule %d".formatted(one.policy(), one.rule()))
                        .toList()));
    finding
        .witness()
        .map(Witness::request)
        .ifPresent(
            request ->
                said.seen(
                    "%s %s from %s"
                        .formatted(
                            request.method().isEmpty() ? "a connection" : request.method(),
                            request.path(),
                            request.principal().orElse("plaintext")),
                    "a request that shows it, replayed"));
  }
}
