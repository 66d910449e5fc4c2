package io.selvage.model;

import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Operation;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.AuthorizationPolicy.Source;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads {@code security.istio.io} AuthorizationPolicy and refuses what Istio's admission would. */
final class AuthorizationPolicyReader {

  private static final int MOST_RULES = 512;
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

  private final Fields spec;
  private final Action action;

  private AuthorizationPolicyReader(Fields spec) {
    this.spec = spec;
    this.action = spec.choice("action", Action.class).orElse(Action.ALLOW);
  }

  static AuthorizationPolicy read(ObjectMeta meta, Fields top) {
    AuthorizationPolicyReader reader = new AuthorizationPolicyReader(top.spec());
    top.finish();
    AuthorizationPolicy policy =
        new AuthorizationPolicy(
            meta,
            SelectorReader.selector(reader.spec),
            SelectorReader.targetRefs(reader.spec),
            reader.action,
            reader.rules(),
            reader.provider(),
            dryRun(meta, top));
    reader.spec.finish();
    return policy;
  }

  private static boolean dryRun(ObjectMeta meta, Fields top) {
    String value = meta.annotations().getOrDefault("istio.io/dry-run", "false");
    if (!TRUE.contains(value) && !FALSE.contains(value)) {
      top.warning(
          ProblemCodes.POLICY_SURPRISE,
          "metadata",
          "annotation istio.io/dry-run: \"%s\" is neither true nor false; the policy is enforced"
              .formatted(value));
    }
    return TRUE.contains(value);
  }

  private Optional<String> provider() {
    Optional<Fields> provider = spec.object("provider");
    Optional<String> name = provider.map(fields -> fields.text("name", ""));
    provider.ifPresent(Fields::finish);
    if (action != Action.CUSTOM) {
      if (provider.isPresent()) {
        spec.refuse("provider", "only a CUSTOM policy has a provider, this one is " + action);
      }
      return Optional.empty();
    }
    if (name.filter(text -> !text.isEmpty()).isEmpty()) {
      spec.refuse("provider", "a CUSTOM policy must name its provider");
      return Optional.empty();
    }
    return name;
  }

  private Optional<List<Rule>> rules() {
    if (!spec.has("rules")) {
      if (action == Action.CUSTOM || action == Action.DENY) {
        spec.refuse(
            "rules",
            "a %s policy without rules never does anything; write \"rules: [{}]\" for every request"
                .formatted(action));
      }
      return Optional.empty();
    }
    List<Fields> rules = spec.objects("rules");
    if (rules.size() > MOST_RULES) {
      spec.refuse("rules", "has more than " + MOST_RULES + " rules");
    }
    if (spec.isEmptyList("rules") && action != Action.ALLOW) {
      spec.warning(
          ProblemCodes.POLICY_SURPRISE, "rules", "is empty, so this policy never does anything");
    }
    return Optional.of(rules.stream().map(this::rule).toList());
  }

  private Rule rule(Fields fields) {
    List<Source> from = fields.objects("from").stream().map(this::from).toList();
    List<Operation> to = fields.objects("to").stream().map(AuthorizationPolicyReader::to).toList();
    List<Condition> when =
        fields.objects("when").stream().map(c -> ConditionReader.read(c, action)).toList();
    refuseEmptyList(fields, "from");
    refuseEmptyList(fields, "to");
    fields.finish();
    Rule rule = new Rule(from, to, when, fields.at());
    if (action == Action.DENY) {
      warnOfWideDeny(fields, rule);
    }
    return rule;
  }

  private static void refuseEmptyList(Fields fields, String name) {
    if (fields.isEmptyList(name)) {
      fields.refuse(name, "must not be empty; remove it to match everything");
    }
  }

  /** HTTP fields are dropped from DENY rules on TCP ports, which leaves a rule that denies more. */
  private static void warnOfWideDeny(Fields fields, Rule rule) {
    boolean tcpFrom = rule.from().stream().anyMatch(AuthorizationPolicyReader::seesConnection);
    boolean tcpTo =
        rule.to().stream().anyMatch(op -> !op.ports().isEmpty() || !op.notPorts().isEmpty());
    boolean onlyHttp =
        (!rule.from().isEmpty() && rule.to().isEmpty() && !tcpFrom)
            || (!rule.to().isEmpty() && !tcpTo);
    if (onlyHttp) {
      fields
          .reading()
          .add(
              Problem.warning(
                  ProblemCodes.POLICY_SURPRISE,
                  rule.at(),
                  fields.path(),
                  "this DENY rule has only HTTP fields, so it denies all traffic to TCP ports;"
                      + " name the ports that it is for"));
    }
  }

  private static boolean seesConnection(Source source) {
    return List.of(
            source.principals(),
            source.notPrincipals(),
            source.namespaces(),
            source.notNamespaces(),
            source.serviceAccounts(),
            source.notServiceAccounts(),
            source.trustDomains(),
            source.notTrustDomains(),
            source.ipBlocks(),
            source.notIpBlocks(),
            source.remoteIpBlocks(),
            source.notRemoteIpBlocks())
        .stream()
        .anyMatch(values -> !values.isEmpty());
  }

  private Source from(Fields from) {
    if (!from.has("source")) {
      from.refuse("source", "is required");
    }
    Fields fields = from.objectOrNone("source");
    from.finish();
    Source source = source(fields, from.at());
    fields.finish();
    refuseNothing(from, fields, "source");
    refuseMixedIdentities(from, source);
    if (action == Action.CUSTOM) {
      refuseInCustom(fields);
    }
    return source;
  }

  /** The fields of a source that are there; other fields are left to the caller. */
  static Source source(Fields fields, SourceLocation at) {
    return new Source(
        PolicyValues.principals(fields, "principals"),
        PolicyValues.principals(fields, "notPrincipals"),
        PolicyValues.texts(fields, "requestPrincipals"),
        PolicyValues.texts(fields, "notRequestPrincipals"),
        PolicyValues.texts(fields, "namespaces"),
        PolicyValues.texts(fields, "notNamespaces"),
        PolicyValues.serviceAccounts(fields, "serviceAccounts"),
        PolicyValues.serviceAccounts(fields, "notServiceAccounts"),
        PolicyValues.trustDomains(fields, "trustDomains"),
        PolicyValues.trustDomains(fields, "notTrustDomains"),
        PolicyValues.addresses(fields, "ipBlocks"),
        PolicyValues.addresses(fields, "notIpBlocks"),
        PolicyValues.addresses(fields, "remoteIpBlocks"),
        PolicyValues.addresses(fields, "notRemoteIpBlocks"),
        at);
  }

  private static void refuseMixedIdentities(Fields from, Source source) {
    boolean accounts =
        !source.serviceAccounts().isEmpty() || !source.notServiceAccounts().isEmpty();
    boolean others =
        !source.principals().isEmpty()
            || !source.notPrincipals().isEmpty()
            || !source.namespaces().isEmpty()
            || !source.notNamespaces().isEmpty();
    if (accounts && others) {
      from.refuse("source", "serviceAccounts cannot stand beside principals or namespaces");
    }
  }

  private static void refuseInCustom(Fields source) {
    for (String name : source.names()) {
      String plain = name.toLowerCase(Locale.ROOT);
      if (!plain.endsWith("ipblocks")) {
        source.refuse(name, "cannot be used in a CUSTOM policy");
      }
    }
  }

  private static Operation to(Fields to) {
    if (!to.has("operation")) {
      to.refuse("operation", "is required");
    }
    Fields fields = to.objectOrNone("operation");
    to.finish();
    Operation operation = operation(fields, PolicyValues.ports(fields, "ports"), to.at());
    fields.finish();
    refuseNothing(to, fields, "operation");
    return operation;
  }

  /** The fields of an operation that are there; other fields are left to the caller. */
  static Operation operation(Fields fields, FieldValues ports, SourceLocation at) {
    return new Operation(
        PolicyValues.wildcards(fields, "hosts"),
        PolicyValues.wildcards(fields, "notHosts"),
        ports,
        PolicyValues.ports(fields, "notPorts"),
        PolicyValues.methods(fields, "methods"),
        PolicyValues.methods(fields, "notMethods"),
        PolicyValues.paths(fields, "paths"),
        PolicyValues.paths(fields, "notPaths"),
        at);
  }

  /** An object whose lists are all empty would match everything; Istio refuses it. */
  private static void refuseNothing(Fields outer, Fields inner, String name) {
    boolean nothing = inner.names().stream().allMatch(inner::isEmptyList);
    if (nothing && outer.has(name)) {
      outer.refuse(name, "must not be empty; a rule without it matches everything");
    }
  }
}
