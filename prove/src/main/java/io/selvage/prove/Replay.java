package io.selvage.prove;

import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.Decision;
import io.selvage.policy.Decision.Verdict;
import io.selvage.policy.Explainer;
import io.selvage.policy.Explanation;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RbacPolicy.RuleSet;
import io.selvage.policy.RecordedRequest;
import io.selvage.policy.ReferenceEvaluator;
import io.selvage.policy.RequestView;
import io.selvage.policy.TranslatedAuthorization;
import io.selvage.prove.encode.Issuer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides one request as the port's proxy would: the mode of the port, tokens, then policies by the
 * compiled index that proxies run and by the reference evaluator, which must agree.
 */
final class Replay {
  private final Enforced enforced;
  private final CompiledAuthorization compiled;
  private final SampleRequest request;
  private final Map<String, Boolean> agreement;
  private final @Nullable RequestView view;
  private final @Nullable RequestView viewWithoutToken;

  private Replay(
      Enforced enforced,
      CompiledAuthorization compiled,
      SampleRequest request,
      Map<String, Boolean> agreement) {
    this.enforced = enforced;
    this.compiled = compiled;
    this.request = request;
    this.agreement = agreement;
    boolean http = enforced.spoken().equals(Optional.of(Protocol.HTTP));
    Optional<RecordedRequest> recorded = http ? request.request() : Optional.empty();
    this.viewWithoutToken =
        recorded.map(Replay::withoutToken).map(RecordedRequest::view).orElse(null);
    this.view =
        enforced.issuers().isEmpty()
            ? viewWithoutToken
            : recorded.map(RecordedRequest::view).orElse(null);
  }

  private static RecordedRequest withoutToken(RecordedRequest request) {
    return new RecordedRequest(
        request.method(),
        request.authority(),
        request.path(),
        request.headers(),
        request.remoteAddress(),
        Optional.empty());
  }

  /**
   * What the port does.
   *
   * @param compiled of what is enforced
   * @param agreement what authorizers answer; one that isn't there refuses
   * @throws ReplayMismatch when the two evaluators disagree
   */
  static boolean allows(
      Enforced enforced,
      CompiledAuthorization compiled,
      SampleRequest request,
      Map<String, Boolean> agreement) {
    Replay replay = new Replay(enforced, compiled, request, agreement);
    return replay.refusal().isEmpty() && replay.decided();
  }

  /** What the port does, and why. */
  static Traced trace(Enforced enforced, SampleRequest request, Map<String, Boolean> agreement) {
    return new Replay(enforced, enforced.compiled(), request, agreement).traced();
  }

  /** Why the request is refused before any policy. */
  private Optional<String> refusal() {
    if (enforced.spoken().isEmpty()) {
      return Optional.of("the port speaks HTTP, and refuses other bytes");
    }
    boolean plaintext = request.principal().isEmpty();
    Mode mode = enforced.peer().mode();
    if (plaintext && mode == Mode.STRICT) {
      return Optional.of("mTLS is STRICT here, so plaintext is refused" + decidedBy());
    }
    if (!plaintext && mode == Mode.DISABLE) {
      return Optional.of("mTLS is disabled here, so nobody has an identity" + decidedBy());
    }
    return refusedToken();
  }

  private String decidedBy() {
    return enforced
        .peer()
        .decidedBy()
        .map(
            policy ->
                " (PeerAuthentication %s, %s)"
                    .formatted(policy.meta().qualifiedName(), policy.meta().at()))
        .orElse("");
  }

  private Optional<String> refusedToken() {
    if (enforced.issuers().isEmpty() || request.claims().isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> claims = request.claims().get();
    List<String> audiences =
        switch (claims.get("aud")) {
          case String one -> List.of(one);
          case List<?> several -> several.stream().map(String::valueOf).toList();
          case null, default -> List.of();
        };
    for (Issuer issuer : enforced.issuers()) {
      if (issuer.name().equals(claims.get("iss")) && issuer.wants(audiences)) {
        return Optional.empty();
      }
    }
    return Optional.of("no RequestAuthentication here takes the token, so it is answered with 401");
  }

  private boolean decided() {
    Decision compiled = byIndex();
    Decision reference = byReference(enforced.translated().authorization());
    if (!compiled.equals(reference)) {
      throw new ReplayMismatch(
          "the evaluators disagree: %s and %s on %s".formatted(compiled, reference, request));
    }
    return compiled.verdict() == Verdict.ALLOW;
  }

  /** Stages up to the last CUSTOM are asked before a token is known. */
  private int stagesBeforeTokens(Authorization authorization) {
    List<Stage> stages = authorization.stages();
    int before = 0;
    for (int i = 0; i < stages.size(); i++) {
      before = stages.get(i) instanceof Stage.Custom ? i + 1 : before;
    }
    return before;
  }

  private Decision byIndex() {
    ConnectionAuthorization connection = compiled.onConnection(request.connection());
    int stages = enforced.translated().authorization().stages().size();
    int before = stagesBeforeTokens(enforced.translated().authorization());
    int at = 0;
    if (viewWithoutToken != null) {
      Decision early = connection.decideUntil(at, before, viewWithoutToken, null);
      while (early.verdict() == Verdict.ASK && agrees(early)) {
        at = early.resumeAt();
        early = connection.decideUntil(at, before, viewWithoutToken, null);
      }
      if (early.verdict() != Verdict.ALLOW) {
        return early;
      }
      at = before;
    }
    Decision decision = goOn(connection, at, stages);
    while (decision.verdict() == Verdict.ASK && agrees(decision)) {
      decision = goOn(connection, decision.resumeAt(), stages);
    }
    return decision;
  }

  private Decision goOn(ConnectionAuthorization connection, int from, int stages) {
    return view == null
        ? connection.decideTcpFrom(from, null)
        : connection.decideUntil(from, stages, view, null);
  }

  private Decision byReference(Authorization authorization) {
    int before = stagesBeforeTokens(authorization);
    List<Stage> stages = authorization.stages();
    int at = 0;
    if (viewWithoutToken != null) {
      Authorization early = new Authorization(stages.subList(0, before));
      Decision decision = reference(early, at, viewWithoutToken);
      while (decision.verdict() == Verdict.ASK && agrees(decision)) {
        decision = reference(early, decision.resumeAt(), viewWithoutToken);
      }
      if (decision.verdict() != Verdict.ALLOW) {
        return decision;
      }
      at = before;
    }
    Decision decision = reference(authorization, at, view);
    while (decision.verdict() == Verdict.ASK && agrees(decision)) {
      decision = reference(authorization, decision.resumeAt(), view);
    }
    return decision;
  }

  private Decision reference(Authorization authorization, int from, @Nullable RequestView seen) {
    return ReferenceEvaluator.decideFrom(authorization, from, request.connection(), seen)
        .decision();
  }

  private boolean agrees(Decision decision) {
    return agreement.getOrDefault(decision.provider().orElse(""), false);
  }

  private Traced traced() {
    Optional<String> refusal = refusal();
    if (refusal.isPresent()) {
      return new Traced(false, refusal.get(), enforced.peer(), Optional.empty(), Optional.empty());
    }
    boolean allowed = decided();
    Explanation explanation = Explainer.explain(afterAgreement(), request.connection(), view);
    return new Traced(
        allowed,
        summary(explanation),
        enforced.peer(),
        Optional.of(explanation),
        flip(allowed, explanation));
  }

  private String summary(Explanation explanation) {
    if (explanation.decision().verdict() == Verdict.ASK) {
      return explanation.summary() + ", which refuses";
    }
    Decision first = reference(enforced.translated().authorization(), 0, viewWithoutToken);
    return first.verdict() == Verdict.ASK
        ? "%s agrees; %s".formatted(first.provider().orElse("?"), explanation.summary())
        : explanation.summary();
  }

  /** Without the authorizers that agree: what decides then is what is to be explained. */
  private TranslatedAuthorization afterAgreement() {
    TranslatedAuthorization all = enforced.translated();
    return new TranslatedAuthorization(
        new Authorization(
            all.authorization().stages().stream()
                .filter(
                    stage ->
                        !(stage instanceof Stage.Custom(var provider, _, var unusable)
                            && !unusable
                            && agreement.getOrDefault(provider, false)))
                .toList()),
        all.origins(),
        all.problems());
  }

  /** What would be enough to turn the outcome: the rule that decided, or the one value it lacks. */
  private Optional<String> flip(boolean allowed, Explanation explanation) {
    Optional<RuleReport> by = explanation.decidedBy();
    if (by.isPresent()) {
      boolean without = byReference(without(by.get().ruleId())).verdict() == Verdict.ALLOW;
      return without == allowed
          ? Optional.empty()
          : Optional.of(
              "without rule %d of %s (%s) it would be %s"
                  .formatted(
                      by.get().rule(),
                      by.get().policy(),
                      by.get().at(),
                      allowed ? "denied" : "allowed"));
    }
    return explanation
        .nearest()
        .filter(rule -> rule.dropped().isEmpty())
        .filter(rule -> rule.fields().stream().filter(field -> !field.matches()).count() == 1)
        .flatMap(RuleReport::firstFailing)
        .map(Replay::lacking);
  }

  private static String lacking(FieldReport field) {
    return field.negated()
        ? "if %s (%s) had not %s, it would be allowed"
            .formatted(field.path(), field.at(), field.actual())
        : "if %s (%s) had %s, it would be allowed"
            .formatted(field.path(), field.at(), field.actual());
  }

  private Authorization without(String ruleId) {
    return new Authorization(
        enforced.translated().authorization().stages().stream()
            .map(
                stage ->
                    switch (stage) {
                      case Stage.Custom(var provider, var rules, var unusable) ->
                          new Stage.Custom(provider, without(rules, ruleId), unusable);
                      case Stage.Rbac(var rules, var shadow) ->
                          new Stage.Rbac(rules.map(set -> without(set, ruleId)), shadow);
                    })
            .<Stage>map(stage -> stage)
            .toList());
  }

  private static RuleSet without(RuleSet set, String ruleId) {
    return new RuleSet(
        set.action(), set.rules().stream().filter(rule -> !rule.id().equals(ruleId)).toList());
  }
}
