package io.selvage.model;

import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Operation;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.AuthorizationPolicy.Source;
import io.selvage.model.PolicyAssertions.Always;
import io.selvage.model.PolicyAssertions.Assertion;
import io.selvage.model.PolicyAssertions.Assumptions;
import io.selvage.model.PolicyAssertions.Claim;
import io.selvage.model.PolicyAssertions.Equivalent;
import io.selvage.model.PolicyAssertions.Never;
import io.selvage.model.PolicyAssertions.Pattern;
import io.selvage.model.PolicyAssertions.Scope;
import io.selvage.model.PolicyAssertions.Target;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads the PolicyAssertions among a text's documents, in the words of AuthorizationPolicy. Strict:
 * what only warns elsewhere is an error here, since a demand that says something else than its
 * author thinks would look as if it held.
 */
public final class PolicyAssertionsReader {

  /** Assertions that cannot be understood. */
  public static final String CODE = "SLV9413";

  /** The ConfigMap in which a cluster keeps them, each of its texts being a document or more. */
  public static final String MAP = "selvage-assertions";

  private static final String GROUP = "selvage.dev/";

  private final String source;
  private final List<PolicyAssertions> read = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  private PolicyAssertionsReader(String source) {
    this.source = source;
  }

  /**
   * The good documents, and what is wrong with the others.
   *
   * @param problems all of them are errors
   */
  public record Result(List<PolicyAssertions> read, List<Problem> problems) {
    public Result {
      read = List.copyOf(read);
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads a text; documents of other kinds are left to others.
   *
   * @param source what locations show
   */
  public static Result read(String source, String yaml) {
    PolicyAssertionsReader reader = new PolicyAssertionsReader(source);
    YamlDocuments.parse(source, 0, yaml, reader::document, reader.problems::add);
    return new Result(reader.read, reader.problems);
  }

  private void texts(Fields data) {
    for (String name : data.names()) {
      int before = read.size() + problems.size();
      data.embedded(name)
          .ifPresent(
              text ->
                  YamlDocuments.parse(
                      source, text.firstLine(), text.text(), this::document, problems::add));
      if (read.size() + problems.size() == before) {
        data.refuse(name, "has no document of kind " + PolicyAssertions.KIND);
      }
    }
    data.reading().problems().stream()
        .map(problem -> Problem.error(CODE, problem.at(), problem.field(), problem.message()))
        .forEach(problems::add);
  }

  private void document(Node node, int lineOffset) {
    if (!(node instanceof MappingNode mapping)) {
      return;
    }
    Reading reading = Reading.of(source, lineOffset, true, true, CODE);
    Fields top = new Fields(reading, mapping, "");
    String kind = top.text("kind", "");
    String version = top.text("apiVersion", "");
    if (kind.equals("ConfigMap")
        && version.equals("v1")
        && top.objectOrNone("metadata").text("name", "").equals(MAP)) {
      texts(top.objectOrNone("data"));
      return;
    }
    boolean ours = kind.equals(PolicyAssertions.KIND);
    if (!ours && !version.startsWith(GROUP)) {
      return;
    }
    if (!ours || !version.equals(PolicyAssertions.API_VERSION)) {
      top.refuse(
          ours ? "apiVersion" : "kind",
          "must be %s of %s".formatted(PolicyAssertions.KIND, PolicyAssertions.API_VERSION));
    }
    if (ours) {
      PolicyAssertions assertions = assertions(top.skip("metadata"));
      top.finish();
      if (reading.problems().isEmpty()) {
        read.add(assertions);
      }
    }
    reading.problems().stream()
        .map(
            problem ->
                Problem.error(problem.code(), problem.at(), problem.field(), problem.message())
                    .suggesting(problem.suggestion()))
        .forEach(problems::add);
  }

  private static PolicyAssertions assertions(Fields top) {
    List<Assertion> all = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Fields fields : top.objects("assertions")) {
      Assertion assertion = assertion(fields);
      if (!ids.add(assertion.id())) {
        fields.refuse("id", "\"%s\" is there twice".formatted(assertion.id()));
      }
      all.add(assertion);
    }
    if (all.isEmpty()) {
      top.refuse("assertions", "there is none, so nothing would be proved");
    }
    return new PolicyAssertions(all, assume(top), top.at());
  }

  private static Assumptions assume(Fields top) {
    Fields fields = top.objectOrNone("assume");
    Assumptions assumptions =
        new Assumptions(
            fields.flag("unknownIdentities", true),
            fields
                .choice("ipIdentity", List.of("free", "inventory"))
                .orElse("free")
                .equals("inventory"),
            fields
                .choice("identities", List.of("istio", "spiffe"))
                .orElse("istio")
                .equals("spiffe"));
    // The only one there is: authorizers answer anything.
    fields.choice("extAuthz", List.of("either"));
    fields.finish();
    return assumptions;
  }

  private static Assertion assertion(Fields fields) {
    String id = fields.required("id");
    if (!id.matches("[A-Za-z0-9]([-._A-Za-z0-9]{0,98}[A-Za-z0-9])?")) {
      fields.refuse("id", "must be letters, digits, hyphens, dots and underscores, at most 100");
    }
    List<String> claims =
        List.of("never", "always", "equivalent").stream().filter(fields::has).toList();
    if (claims.size() != 1) {
      fields.refuse("id", "one of never, always and equivalent is needed, and not several");
    }
    Assertion assertion =
        new Assertion(
            id,
            fields.text("why", ""),
            claim(fields, claims.isEmpty() ? "never" : claims.getFirst()),
            fields.objects("except").stream().map(PolicyAssertionsReader::pattern).toList(),
            expires(fields),
            fields.flag("allowEmpty", false),
            fields.at());
    if (assertion.claim() instanceof Equivalent && !assertion.except().isEmpty()) {
      fields.refuse("except", "is for never and always");
    }
    fields.finish();
    return assertion;
  }

  private static Claim claim(Fields fields, String name) {
    Fields claim = fields.objectOrNone(name);
    return switch (name) {
      case "always" -> new Always(pattern(claim));
      case "equivalent" -> {
        Scope scope =
            claim.object("scope").map(PolicyAssertionsReader::scopeAlone).orElse(Scope.ALL);
        Equivalent equivalent =
            new Equivalent(claim.required("base"), claim.required("head"), scope);
        claim.finish();
        yield equivalent;
      }
      default -> new Never(pattern(claim));
    };
  }

  private static Optional<LocalDate> expires(Fields fields) {
    Optional<String> text = fields.text("expires");
    try {
      return text.map(LocalDate::parse);
    } catch (DateTimeParseException e) {
      fields.refuse("expires", "\"%s\" is not a day such as 2027-03-01".formatted(text.get()));
      return Optional.empty();
    }
  }

  private static Pattern pattern(Fields fields) {
    Optional<Fields> from = fields.object("from");
    List<Source> sources = from.map(PolicyAssertionsReader::sources).orElse(List.of());
    if (from.isPresent()) {
      if (from.get().isEmpty()) {
        fields.refuse("from", "is empty; remove it to mean every caller");
      }
      from.get().finish();
    }
    Set<Integer> ports = Set.of();
    Scope scope = Scope.ALL;
    Optional<Fields> to = fields.object("to");
    if (to.isPresent()) {
      ports = ports(to.get());
      scope = scope(to.get());
      to.get().finish();
    }
    Fields request = fields.objectOrNone("request");
    boolean requested = request.names().stream().anyMatch(name -> !name.equals("when"));
    List<Operation> operations =
        requested
            ? List.of(AuthorizationPolicyReader.operation(request, FieldValues.EMPTY, request.at()))
            : List.of();
    List<Condition> when =
        request.objects("when").stream().map(c -> ConditionReader.read(c, Action.DENY)).toList();
    request.finish();
    fields.finish();
    return new Pattern(new Rule(sources, operations, when, fields.at()), scope, ports);
  }

  /**
   * The callers. As Istio reads it, a choice that only says who not has callers without an identity
   * in it; {@code includeUnauthenticated} adds them to any choice, or takes them out of it.
   */
  private static List<Source> sources(Fields from) {
    for (String name : List.of("serviceAccounts", "notServiceAccounts")) {
      for (String account : from.values(name).values()) {
        if (!account.contains("/")) {
          from.refuse(name, "\"%s\" needs its namespace: NAMESPACE/NAME".formatted(account));
        }
      }
    }
    Source source = AuthorizationPolicyReader.source(from, from.at());
    Optional<Boolean> unauthenticated = from.flag("includeUnauthenticated");
    if (unauthenticated.isEmpty()) {
      return List.of(source);
    }
    FieldValues any = new FieldValues(List.of("*"), List.of(from.at("includeUnauthenticated")));
    if (!unauthenticated.get()) {
      return List.of(
          source.principals().isEmpty() ? with(source, any, source.notPrincipals()) : source);
    }
    Source without = with(nothing(source.at()), FieldValues.EMPTY, any);
    boolean onlyThem = from.names().stream().allMatch("includeUnauthenticated"::equals);
    return onlyThem ? List.of(without) : List.of(source, without);
  }

  private static Source nothing(SourceLocation at) {
    FieldValues none = FieldValues.EMPTY;
    return new Source(
        none, none, none, none, none, none, none, none, none, none, none, none, none, none, at);
  }

  private static Source with(Source source, FieldValues principals, FieldValues notPrincipals) {
    return new Source(
        principals,
        notPrincipals,
        source.requestPrincipals(),
        source.notRequestPrincipals(),
        source.namespaces(),
        source.notNamespaces(),
        source.serviceAccounts(),
        source.notServiceAccounts(),
        source.trustDomains(),
        source.notTrustDomains(),
        source.ipBlocks(),
        source.notIpBlocks(),
        source.remoteIpBlocks(),
        source.notRemoteIpBlocks(),
        source.at());
  }

  /** Ports may be written as numbers, which AuthorizationPolicy doesn't take. */
  private static Set<Integer> ports(Fields to) {
    FieldValues written = to.textsOrNumbers("ports");
    Set<Integer> ports = new TreeSet<>();
    for (int i = 0; i < written.size(); i++) {
      String port = written.values().get(i);
      if (port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65_535) {
        ports.add(Integer.parseInt(port));
      } else {
        to.refuse(
            "ports", i, written.locations().get(i), "\"%s\" is no port to 65535".formatted(port));
      }
    }
    return ports;
  }

  private static Scope scopeAlone(Fields fields) {
    Scope scope = scope(fields);
    fields.finish();
    return scope;
  }

  private static Scope scope(Fields to) {
    List<Target> targets = new ArrayList<>();
    for (Fields workload : to.objects("workloads")) {
      targets.add(target(workload));
    }
    to.texts("namespaces").stream().map(Target::ofNamespace).forEach(targets::add);
    for (String list : List.of("workloads", "namespaces", "ports")) {
      if (to.isEmptyList(list)) {
        to.refuse(list, "is empty; remove it to mean every workload");
      }
    }
    return new Scope(targets);
  }

  private static Target target(Fields fields) {
    Target target =
        new Target(
            fields.text("cluster"),
            fields.text("namespace"),
            fields.text("name"),
            new WorkloadSelector(fields.textMap("labels")));
    if (fields.isEmpty()) {
      fields.refuse("namespace", "a workload needs one of cluster, namespace, name and labels");
    }
    fields.finish();
    return target;
  }
}
