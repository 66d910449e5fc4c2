package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Operation;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.AuthorizationPolicy.Source;
import io.selvage.model.FieldValues;
import io.selvage.model.Problem;
import io.selvage.model.ProblemCodes;
import io.selvage.model.SourceLocation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RuleOrigin.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link RbacPolicy} of one rule of an Istio policy.
 *
 * <p>What can't be translated, and HTTP fields on plain TCP, must not let more through: an ALLOW
 * loses the whole rule; any other action loses the field, so that its rule matches more.
 */
final class RuleTranslation {
  private final AuthorizationPolicy policy;
  private final Protocol protocol;
  private final TrustDomains trustDomains;
  private final List<Problem> problems;
  private @Nullable String dropped;

  RuleTranslation(
      AuthorizationPolicy policy,
      Protocol protocol,
      TrustDomains trustDomains,
      List<Problem> problems) {
    this.policy = policy;
    this.protocol = protocol;
    this.trustDomains = trustDomains;
    this.problems = problems;
  }

  /**
   * A rule and where it comes from.
   *
   * @param rule empty when it was dropped
   */
  record Translated(Optional<RbacPolicy> rule, RuleOrigin origin) {}

  Translated translate(String id, int index, Rule rule) {
    List<List<Field>> from = new ArrayList<>();
    for (int i = 0; i < rule.from().size(); i++) {
      from.add(source("from[%d].source.".formatted(i), rule.from().get(i)));
    }
    List<List<Field>> to = new ArrayList<>();
    for (int i = 0; i < rule.to().size(); i++) {
      to.add(operation("to[%d].operation.".formatted(i), rule.to().get(i)));
    }
    List<Field> when = new ArrayList<>();
    List<Matcher> permissions = new ArrayList<>();
    List<Matcher> principals = new ArrayList<>();
    for (int i = 0; i < rule.when().size(); i++) {
      Condition condition = rule.when().get(i);
      List<Field> fields = condition("when[%d].".formatted(i), condition);
      when.addAll(fields);
      boolean permission =
          IstioAttribute.ofKey(condition.key(), policy.meta().namespace())
              .map(IstioAttribute::permission)
              .orElse(true);
      fields.forEach(field -> (permission ? permissions : principals).add(field.matcher()));
    }
    RuleOrigin origin =
        new RuleOrigin(id, policy, index, rule.at(), from, to, when, Optional.ofNullable(dropped));
    return new Translated(
        dropped == null
            ? Optional.of(new RbacPolicy(id, sides(to, permissions), sides(from, principals)))
            : Optional.empty(),
        origin);
  }

  private static List<Matcher> sides(List<List<Field>> entries, List<Matcher> conditions) {
    if (entries.isEmpty()) {
      return List.of(conjunction(List.of(), conditions));
    }
    return entries.stream().map(fields -> conjunction(fields, conditions)).toList();
  }

  private static Matcher conjunction(List<Field> fields, List<Matcher> conditions) {
    List<Matcher> parts = new ArrayList<>();
    fields.forEach(field -> parts.add(field.matcher()));
    parts.addAll(conditions);
    parts.removeIf(Matcher.Always.class::isInstance);
    return parts.isEmpty() ? new Matcher.Always() : new Matcher.And(List.copyOf(parts));
  }

  private List<Field> source(String path, Source source) {
    List<Field> fields = new ArrayList<>();
    add(fields, path, "principals", source.principals(), source.notPrincipals());
    add(
        fields,
        path,
        "requestPrincipals",
        source.requestPrincipals(),
        source.notRequestPrincipals());
    add(fields, path, "namespaces", source.namespaces(), source.notNamespaces());
    add(fields, path, "serviceAccounts", source.serviceAccounts(), source.notServiceAccounts());
    add(fields, path, "trustDomains", source.trustDomains(), source.notTrustDomains());
    add(fields, path, "ipBlocks", source.ipBlocks(), source.notIpBlocks());
    add(fields, path, "remoteIpBlocks", source.remoteIpBlocks(), source.notRemoteIpBlocks());
    return fields;
  }

  private List<Field> operation(String path, Operation operation) {
    List<Field> fields = new ArrayList<>();
    add(fields, path, "hosts", operation.hosts(), operation.notHosts());
    add(fields, path, "methods", operation.methods(), operation.notMethods());
    add(fields, path, "paths", operation.paths(), operation.notPaths());
    add(fields, path, "ports", operation.ports(), operation.notPorts());
    return fields;
  }

  private void add(
      List<Field> fields, String path, String name, FieldValues values, FieldValues notValues) {
    IstioAttribute attribute = IstioAttribute.ofField(name, policy.meta().namespace());
    String not = "not" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    add(fields, name, path + name, false, attribute, values);
    add(fields, name, path + not, true, attribute, notValues);
  }

  private List<Field> condition(String path, Condition condition) {
    List<Field> fields = new ArrayList<>();
    Optional<IstioAttribute> attribute =
        IstioAttribute.ofKey(condition.key(), policy.meta().namespace());
    if (attribute.isEmpty()) {
      String reason = "there is no attribute \"" + condition.key() + "\"";
      problem(ProblemCodes.CONDITION_KEY, condition.at(), path + "key", reason);
      drop(reason);
      fields.add(
          new Field(
              condition.key(),
              path + "key",
              false,
              condition.values(),
              new Matcher.Always(),
              Optional.of(reason)));
      return fields;
    }
    add(fields, condition.key(), path + "values", false, attribute.get(), condition.values());
    add(fields, condition.key(), path + "notValues", true, attribute.get(), condition.notValues());
    return fields;
  }

  private void add(
      List<Field> fields,
      String name,
      String path,
      boolean negated,
      IstioAttribute attribute,
      FieldValues values) {
    if (!values.isEmpty()) {
      fields.add(field(name, path, negated, attribute, values));
    }
  }

  private Field field(
      String name, String path, boolean negated, IstioAttribute attribute, FieldValues values) {
    if (attribute.httpOnly() && protocol == Protocol.TCP) {
      return without(name, path, negated, values, "it is of HTTP, and this port is plain TCP");
    }
    List<Matcher> matchers = new ArrayList<>();
    for (String value : expanded(attribute, values.values())) {
      try {
        matchers.add(attribute.matcher().apply(value));
      } catch (IllegalArgumentException e) {
        String reason = "\"" + value + "\" can't be understood: " + e.getMessage();
        problem(ProblemCodes.POLICY_REFUSED, values.at(policy.meta().at()), path, reason);
        if (!negated || policy.action() == Action.ALLOW) {
          return without(name, path, negated, values, reason);
        }
      }
    }
    Matcher any = matchers.size() == 1 ? matchers.getFirst() : new Matcher.Or(matchers);
    return new Field(
        name, path, negated, values, negated ? new Matcher.Not(any) : any, Optional.empty());
  }

  private List<String> expanded(IstioAttribute attribute, List<String> values) {
    if (attribute.equals(IstioAttribute.PRINCIPAL)) {
      return trustDomains.expandPrincipals(values);
    }
    return attribute.equals(IstioAttribute.TRUST_DOMAIN)
        ? trustDomains.expandDomains(values)
        : values;
  }

  private Field without(
      String name, String path, boolean negated, FieldValues values, String reason) {
    drop(path + ": " + reason);
    return new Field(name, path, negated, values, new Matcher.Always(), Optional.of(reason));
  }

  private void drop(String reason) {
    if (policy.action() == Action.ALLOW && dropped == null) {
      dropped = reason;
    }
  }

  private void problem(String code, SourceLocation at, String field, String message) {
    String consequence =
        policy.action() == Action.ALLOW
            ? "; the rule is left out, so it allows nothing"
            : "; the field is left out, so the rule matches more";
    problems.add(Problem.warning(code, at, "spec.rules." + field, message + consequence));
  }
}
