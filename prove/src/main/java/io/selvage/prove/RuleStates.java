package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RuleOrigin;
import io.selvage.prove.Sampler.Sample;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Side.Rule;
import io.selvage.prove.encode.Side.Step;
import io.selvage.prove.encode.Space;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Each rule of one place against the others. */
final class RuleStates {
  /** They are a hint here; {@code reach} has them all. */
  static final int PLAINTEXT_ROWS = 3;

  private static final Set<String> OF_CALLERS =
      Set.of(
          "principals",
          "source.principal",
          "namespaces",
          "source.namespace",
          "serviceAccounts",
          "source.serviceAccount",
          "trustDomains",
          "source.trustDomain");

  private final Question question;
  private final Place place;
  private final Enforced enforced;
  private final Side statements;
  private final Space space;
  private final Diagrams diagrams;

  /** What reaches the policies at all. */
  private final int arriving;

  private final int allowed;
  private final int denied;

  RuleStates(Question question, MeshSide side, Place place) {
    this.question = question;
    this.place = place;
    side.refuseUnmodelled(place.workload());
    this.enforced = side.enforced(place.workload(), place);
    this.statements = enforced.side(question.meaning());
    Meter meter = question.meter();
    meter.look();
    Formula whole = statements.allowed(statements.looksAtTokens());
    this.space =
        question.space(
            place, List.of(whole, Sources.plaintext(), anyRule()), List.of(enforced), meter);
    this.diagrams = space.diagrams();
    this.arriving = diagrams.and(space.possible(), space.encode(statements.mode()));
    this.allowed = diagrams.and(space.encode(whole), space.possible());
    this.denied = deniedByAny();
  }

  /** All rules, so that each can be encoded. */
  private Formula anyRule() {
    return Formula.any(
        statements.stages().stream()
            .flatMap(step -> step.rules().stream())
            .map(Rule::matches)
            .toList());
  }

  private int deniedByAny() {
    List<Integer> sets = new ArrayList<>();
    for (Step step : statements.stages()) {
      if (denies(step)) {
        step.rules().forEach(rule -> sets.add(space.encode(rule.matches())));
      }
    }
    return diagrams.anyOf(sets);
  }

  private static boolean denies(Step step) {
    return switch (step) {
      case Step.Allow _ -> false;
      case Step.Deny _ -> true;
      case Step.Ask ask -> ask.unusable();
    };
  }

  /** What plaintext may do, in rows; empty when that is nothing. */
  Optional<List<Row>> plaintext() {
    int set = diagrams.and(allowed, space.encode(Sources.plaintext()));
    if (set == Diagrams.NONE) {
      return Optional.empty();
    }
    int simpler =
        diagrams.and(
            space.encode(statements.allowed(statements.looksAtTokens())),
            space.encode(Sources.plaintext()));
    return Optional.of(
        Rows.of(
            space,
            new KnownCallers(space, List.of()),
            simpler,
            Math.min(PLAINTEXT_ROWS, question.options().rows())));
  }

  List<RuleState> all(Step step) {
    List<Rule> rules = step.rules();
    int[] sets = new int[rules.size()];
    for (int i = 0; i < sets.length; i++) {
      sets[i] = diagrams.and(arriving, space.encode(rules.get(i).matches()));
    }
    int[] after = new int[sets.length + 1];
    for (int i = sets.length - 1; i >= 0; i--) {
      after[i] = diagrams.or(after[i + 1], sets[i]);
    }
    List<RuleState> states = new ArrayList<>();
    int before = Diagrams.NONE;
    for (int i = 0; i < sets.length; i++) {
      RuleOrigin origin = enforced.translated().origins().get(rules.get(i).id());
      // An ALLOW without rules is how Istio says "nobody": it is meant to match nothing.
      if (origin != null && !origin.policy().ruleList().isEmpty()) {
        states.add(state(step, origin, i, sets, before, after[i + 1]));
      }
      before = diagrams.or(before, sets[i]);
    }
    return states;
  }

  private RuleState state(
      Step step, RuleOrigin origin, int index, int[] sets, int before, int after) {
    int set = sets[index];
    boolean matches = set != Diagrams.NONE;
    boolean allow = step instanceof Step.Allow;
    int effect = allow ? diagrams.without(set, denied) : set;
    boolean isDenied = matches && effect == Diagrams.NONE;
    boolean covered =
        matches
            && !isDenied
            && diagrams.without(diagrams.without(effect, before), after) == Diagrams.NONE;
    return new RuleState(
        origin,
        matches,
        isDenied,
        covered,
        isDenied ? deniers(set) : List.of(),
        covered ? cover(effect, step, sets, index) : List.of(),
        allow ? plaintext(origin, set) : Optional.empty(),
        enforced.issuers().isEmpty() && looksAtToken(origin) && isHttp());
  }

  private boolean isHttp() {
    return enforced.spoken().equals(Optional.of(Protocol.HTTP));
  }

  private List<RuleOrigin> deniers(int set) {
    List<Rule> rules = new ArrayList<>();
    for (Step step : statements.stages()) {
      if (denies(step)) {
        rules.addAll(step.rules());
      }
    }
    int[] sets = rules.stream().mapToInt(rule -> space.encode(rule.matches())).toArray();
    return cover(set, rules, sets, -1);
  }

  private List<RuleOrigin> cover(int set, Step step, int[] sets, int index) {
    return cover(set, step.rules(), sets, index);
  }

  /** One rule that covers the set, else several that do together. */
  private List<RuleOrigin> cover(int set, List<Rule> rules, int[] sets, int except) {
    List<RuleOrigin> cover = new ArrayList<>();
    for (int i = 0; i < sets.length; i++) {
      if (i != except && diagrams.without(set, sets[i]) == Diagrams.NONE) {
        add(cover, rules.get(i));
        return cover;
      }
    }
    int left = set;
    for (int i = 0; i < sets.length && left != Diagrams.NONE; i++) {
      int rest = i == except ? left : diagrams.without(left, sets[i]);
      if (rest != left) {
        add(cover, rules.get(i));
        left = rest;
      }
    }
    return cover;
  }

  private void add(List<RuleOrigin> cover, Rule rule) {
    RuleOrigin origin = enforced.translated().origins().get(rule.id());
    if (origin != null) {
      cover.add(origin);
    }
  }

  /** Every rule, those that were dropped on this port included. */
  List<RuleState> all() {
    Map<String, RuleState> found = new HashMap<>();
    statements
        .stages()
        .forEach(step -> all(step).forEach(state -> found.put(state.origin().ruleId(), state)));
    List<RuleState> states = new ArrayList<>();
    for (RuleOrigin origin : enforced.translated().origins().values()) {
      RuleState state = found.get(origin.ruleId());
      if (state != null) {
        states.add(state);
      } else if (origin.dropped().isPresent() && decides(origin)) {
        states.add(
            new RuleState(
                origin, false, false, false, List.of(), List.of(), Optional.empty(), false));
      }
    }
    question.done(space);
    return states;
  }

  private static boolean decides(RuleOrigin origin) {
    return !origin.policy().dryRun()
        && origin.policy().action() != Action.AUDIT
        && !origin.policy().ruleList().isEmpty();
  }

  /** A rule that speaks of callers, and only says who they are not. */
  private Optional<Sample> plaintext(RuleOrigin origin, int set) {
    List<RuleOrigin.Field> fields = new ArrayList<>(origin.when());
    origin.from().forEach(fields::addAll);
    List<RuleOrigin.Field> callers =
        fields.stream().filter(field -> OF_CALLERS.contains(field.attribute())).toList();
    if (callers.isEmpty() || callers.stream().noneMatch(RuleOrigin.Field::negated)) {
      return Optional.empty();
    }
    int admitted = diagrams.and(diagrams.and(set, allowed), space.encode(Sources.plaintext()));
    return admitted == Diagrams.NONE
        ? Optional.empty()
        : Optional.of(
            new Sampler(space, place, new KnownCallers(space, List.of())).cheapest(admitted));
  }

  private static boolean looksAtToken(RuleOrigin origin) {
    List<RuleOrigin.Field> fields = new ArrayList<>(origin.when());
    origin.from().forEach(fields::addAll);
    return fields.stream()
        .map(RuleOrigin.Field::attribute)
        .anyMatch(name -> name.equals("requestPrincipals") || name.startsWith("request.auth."));
  }
}
