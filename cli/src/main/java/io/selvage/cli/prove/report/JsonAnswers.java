package io.selvage.cli.prove.report;

import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.state.MeshStatus;
import io.selvage.model.SourceLocation;
import io.selvage.policy.Explanation;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.prove.Change;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Effort;
import io.selvage.prove.Inconclusive;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Place;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.ReachReport;
import io.selvage.prove.Row;
import io.selvage.prove.SampleRequest;
import io.selvage.prove.Traced;
import io.selvage.prove.Verdict;
import io.selvage.prove.Witness;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Answers for programs: the contract that {@code docs/schema/prove-v1.json} describes. */
public final class JsonAnswers {
  private final WitnessCommands base;
  private final WitnessCommands head;

  private JsonAnswers(Mesh base, Mesh head) {
    this.base = new WitnessCommands(base);
    this.head = new WitnessCommands(head);
  }

  /** Of {@code selvage prove diff}. */
  public static JsonNode of(DiffReport report, Mesh base, Mesh head) {
    JsonAnswers answers = new JsonAnswers(base, head);
    ObjectNode root = answer("ProveDiff").put("base", base.name()).put("head", head.name());
    root.put("equivalent", report.isEquivalent());
    each(root, "changes", report.changes(), answers::change);
    each(root, "added", report.added(), JsonAnswers::workload);
    each(root, "removed", report.removed(), JsonAnswers::workload);
    rest(root, report.inconclusive(), report.assumes(), report.effort());
    return root;
  }

  /** Of {@code selvage prove reach}. */
  public static JsonNode of(ReachReport report, Mesh mesh) {
    JsonAnswers answers = new JsonAnswers(mesh, mesh);
    ObjectNode root = answer("ProveReach").put("mesh", mesh.name());
    each(root, "reaches", report.reaches(), answers::reach);
    rest(root, report.inconclusive(), report.assumes(), report.effort());
    return root;
  }

  /** Of {@code selvage prove lint}. */
  public static JsonNode of(LintReport report, Mesh mesh) {
    JsonAnswers answers = new JsonAnswers(mesh, mesh);
    ObjectNode root = answer("ProveLint").put("mesh", mesh.name());
    each(root, "findings", report.findings(), answers::finding);
    each(root, "plaintext", report.plaintext(), answers::reach);
    rest(root, report.inconclusive(), report.assumes(), report.effort());
    return root;
  }

  /** Of {@code selvage prove check}. */
  public static JsonNode of(List<CheckedAssertion> checked) {
    ObjectNode root = answer("ProveCheck");
    each(
        root,
        "assertions",
        checked,
        (node, one) -> new JsonAnswers(one.base(), one.head()).checked(node, one));
    return root;
  }

  /** Of {@code selvage prove explain}. */
  public static JsonNode of(Place place, SampleRequest request, Traced traced, Mesh mesh) {
    ObjectNode root = answer("ProveExplain").put("mesh", mesh.name());
    place(root.putObject("place"), place);
    request(root.putObject("request"), request);
    traced(root.putObject("outcome"), traced);
    return root;
  }

  private static ObjectNode answer(String kind) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("apiVersion", MeshStatus.API_VERSION)
        .put("kind", kind);
  }

  private static <T> void each(
      ObjectNode node, String name, Collection<T> items, BiConsumer<ObjectNode, T> writer) {
    ArrayNode array = node.putArray(name);
    items.forEach(item -> writer.accept(array.addObject(), item));
  }

  private static void texts(ObjectNode node, String name, Collection<String> texts) {
    ArrayNode array = node.putArray(name);
    texts.forEach(array::add);
  }

  private static void rest(
      ObjectNode root, List<Inconclusive> inconclusive, List<String> assumes, Effort effort) {
    each(root, "inconclusive", inconclusive, JsonAnswers::open);
    texts(root, "assumes", assumes);
    root.putObject("effort")
        .put("workloads", effort.workloads())
        .put("places", effort.places())
        .put("distinct", effort.distinct())
        .put("largestNodes", effort.largestNodes());
  }

  private static void open(ObjectNode node, Inconclusive open) {
    place(node.putObject("place"), open.place());
    node.put("reason", open.reason());
  }

  private void change(ObjectNode node, Change change) {
    boolean allowed = change.direction() == Change.Direction.ALLOWED;
    node.put("direction", allowed ? "allowed" : "denied");
    place(node.putObject("place"), change.place());
    rows(node, change.rows(), change.moreRows());
    witness(node.putObject("witness"), change.place(), change.witness(), allowed ? head : base);
  }

  private void reach(ObjectNode node, ReachReport.Reach reach) {
    place(node.putObject("place"), reach.place());
    rows(node, reach.rows(), reach.moreRows());
    reach
        .witness()
        .ifPresent(witness -> witness(node.putObject("witness"), reach.place(), witness, head));
  }

  private void finding(ObjectNode node, LintFinding finding) {
    node.put("code", LintCode.of(finding.kind()));
    node.put("finding", finding.kind().name().toLowerCase(Locale.ROOT));
    node.put("cluster", finding.cluster());
    node.put("policy", finding.policy());
    node.put("action", finding.action());
    finding.rule().ifPresent(rule -> node.put("rule", rule.intValue()));
    at(node.putObject("at"), finding.at());
    node.put("text", finding.text());
    each(node, "places", finding.places(), JsonAnswers::place);
    each(
        node,
        "because",
        finding.because(),
        (rule, one) -> {
          rule.put("policy", one.policy()).put("rule", one.rule());
          at(rule.putObject("at"), one.at());
        });
    if (!finding.places().isEmpty()) {
      finding
          .witness()
          .ifPresent(
              witness ->
                  witness(node.putObject("witness"), finding.places().getFirst(), witness, head));
    }
  }

  private void checked(ObjectNode node, CheckedAssertion checked) {
    node.put("id", checked.assertion().id());
    node.put("why", checked.assertion().why());
    node.put("outcome", checked.status().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    at(node.putObject("at"), checked.assertion().at());
    node.put("places", checked.places());
    each(node, "violations", checked.violations(), this::violation);
    each(node, "changes", checked.changes(), this::change);
    each(node, "inconclusive", checked.inconclusive(), JsonAnswers::open);
    texts(node, "assumes", checked.assumes());
  }

  private void violation(ObjectNode node, Verdict.Violation violation) {
    place(node.putObject("place"), violation.place());
    violation.note().ifPresent(note -> node.put("note", note));
    rows(node, violation.rows(), violation.moreRows());
    witness(node.putObject("witness"), violation.place(), violation.witness(), head);
  }

  private static void place(ObjectNode node, Place place) {
    ProvedWorkload workload = place.workload();
    node.put("cluster", workload.cluster());
    node.put("namespace", workload.namespace());
    node.put("workload", workload.name());
    node.put("port", place.number());
    node.put("otherPorts", place.other());
    node.put("protocol", place.protocol().name());
  }

  private static void workload(ObjectNode node, ProvedWorkload workload) {
    node.put("cluster", workload.cluster());
    node.put("namespace", workload.namespace());
    node.put("workload", workload.name());
    workload.principal().ifPresent(uri -> node.put("principal", uri));
    at(node.putObject("at"), workload.at());
  }

  private static void rows(ObjectNode node, List<Row> rows, boolean more) {
    each(
        node,
        "rows",
        rows,
        (to, row) -> {
          to.put("from", row.from());
          to.put("plaintext", row.plaintext());
          texts(to, "known", row.known());
          to.put("unknown", row.unknown());
          each(
              to,
              "when",
              row.when(),
              (term, one) -> term.put("field", one.field()).put("text", one.text()));
        });
    node.put("moreRows", more);
  }

  private static void witness(
      ObjectNode node, Place place, Witness witness, WitnessCommands commands) {
    request(node.putObject("request"), witness.request());
    ObjectNode agreement = node.putObject("agreement");
    witness.agreement().forEach(agreement::put);
    ObjectNode replay = node.putObject("replay");
    witness.before().ifPresent(before -> replay.put("before", word(before)));
    replay.put("after", word(witness.after()));
    witness.before().ifPresent(before -> traced(node.putObject("before"), before));
    traced(node.putObject("after"), witness.after());
    node.put("command", WitnessCommands.shell(WitnessCommands.command(place, witness.request())));
    commands.exec(place, witness.request()).ifPresent(line -> node.put("exec", line));
  }

  private static String word(Traced traced) {
    return traced.allowed() ? "ALLOW" : "DENY";
  }

  private static void request(ObjectNode node, SampleRequest request) {
    node.put("protocol", request.protocol().name());
    request.principal().ifPresent(uri -> node.put("principal", uri));
    node.put("sourceIp", request.source().getHostAddress());
    request.remote().map(InetAddress::getHostAddress).ifPresent(ip -> node.put("remoteIp", ip));
    node.put("destinationIp", request.destination().getHostAddress());
    node.put("port", request.port());
    request.serverName().ifPresent(name -> node.put("serverName", name));
    if (request.request().isPresent()) {
      node.put("method", request.method());
      node.put("host", request.host());
      node.put("path", request.path());
      each(
          node,
          "headers",
          request.headers(),
          (to, header) -> to.put("name", header.name()).put("value", header.value()));
      request
          .claims()
          .ifPresent(claims -> node.set("claims", JsonMapper.shared().valueToTree(claims)));
    }
  }

  private static void traced(ObjectNode node, Traced traced) {
    node.put("allowed", traced.allowed());
    node.put("because", TraceText.because(traced));
    node.put("summary", traced.summary());
    ObjectNode peer = node.putObject("peer").put("mode", traced.peer().mode().name());
    traced
        .peer()
        .decidedBy()
        .ifPresent(
            by -> {
              peer.put("decidedBy", by.meta().qualifiedName());
              at(peer.putObject("at"), by.meta().at());
            });
    Optional<RuleReport> rule = TraceText.rule(traced);
    rule.ifPresent(report -> rule(node.putObject("rule"), report, decides(traced)));
    traced.flip().ifPresent(flip -> node.put("flip", flip));
  }

  private static boolean decides(Traced traced) {
    return traced.policy().flatMap(Explanation::decidedBy).isPresent();
  }

  private static void rule(ObjectNode node, RuleReport rule, boolean decides) {
    node.put("decides", decides);
    node.put("policy", rule.policy());
    node.put("action", rule.action());
    node.put("rule", rule.rule());
    at(node.putObject("at"), rule.at());
    rule.dropped().ifPresent(why -> node.put("dropped", why));
    each(node, "fields", rule.fields(), JsonAnswers::field);
  }

  private static void field(ObjectNode node, FieldReport field) {
    node.put("path", field.path());
    node.put("attribute", field.attribute());
    node.put("negated", field.negated());
    texts(node, "values", field.values());
    node.put("actual", field.actual());
    node.put("matches", field.matches());
    at(node.putObject("at"), field.at());
    field.hint().ifPresent(hint -> node.put("hint", hint));
  }

  private static void at(ObjectNode node, SourceLocation at) {
    node.put("source", at.source());
    if (at.line() > 0) {
      node.put("line", at.line());
      node.put("column", at.column());
    }
  }
}
