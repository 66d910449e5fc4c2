package io.selvage.doctor.report;

import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Fix;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Range;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.conversation.Hop;
import io.selvage.doctor.conversation.Walk;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A diagnosis as JSON: {@code apiVersion: selvage.dev/v1, kind: DoctorReport}, described by {@code
 * docs/schema/doctor-v1.json}. Fields may be added; none changes its meaning or goes within v1.
 */
public final class JsonReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonReport() {}

  /** The whole report. */
  public static ObjectNode of(Diagnosis diagnosis) {
    ObjectNode report = JSON.createObjectNode();
    report
        .put("apiVersion", "selvage.dev/v1")
        .put("kind", "DoctorReport")
        .put("taken", diagnosis.taken().toString());
    report
        .putObject("summary")
        .put("failed", diagnosis.count(Status.FAIL))
        .put("warnings", diagnosis.count(Status.WARN))
        .put("unknown", diagnosis.count(Status.UNKNOWN))
        .put("ignored", diagnosis.ignored())
        .put("skipped", diagnosis.count(Status.SKIP))
        .put("passed", diagnosis.count(Status.PASS));
    ArrayNode clusters = report.putArray("clusters");
    diagnosis.clusters().forEach(cluster -> cluster(cluster, clusters.addObject()));
    ArrayNode findings = report.putArray("findings");
    diagnosis.findings().forEach(finding -> finding(finding, findings.addObject()));
    ArrayNode expired = report.putArray("expiredIgnores");
    diagnosis.expired().forEach(entry -> ignored(entry, expired.addObject()));
    return report;
  }

  /** The report with the conversation that was asked about. */
  public static ObjectNode of(Diagnosis diagnosis, Walk walk) {
    ObjectNode report = of(diagnosis);
    ObjectNode to =
        report
            .putObject("conversation")
            .put("from", walk.conversation().from().toString())
            .put("to", walk.conversation().to() + ":" + walk.conversation().port())
            .put("context", walk.context());
    ArrayNode hops = to.putArray("hops");
    for (Hop hop : walk.hops()) {
      ArrayNode details =
          hops.addObject()
              .put("name", hop.name())
              .put("status", status(hop.status()))
              .put("summary", hop.summary())
              .putArray("details");
      hop.details().forEach(details::add);
    }
    return report;
  }

  private static void cluster(Diagnosis.Examined cluster, ObjectNode to) {
    to.put("context", cluster.context())
        .put("server", cluster.server())
        .put("reached", cluster.isReached())
        .put("proxies", cluster.proxies())
        .put("proxiesInFull", cluster.inFull());
    switch (cluster.flavour()) {
      case Look.Unseen<Flavour> unseen -> to.put("meshUnseen", unseen.why());
      case Look.Seen<Flavour>(Flavour mesh) -> {
        ObjectNode shown =
            to.putObject("mesh")
                .put("kind", mesh.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("version", mesh.version())
                .put("namespace", mesh.namespace())
                .put("trustDomain", mesh.trustDomain());
        ArrayNode revisions = shown.putArray("revisions");
        mesh.revisions().forEach(revision -> revisions.add(revision.name()));
      }
    }
  }

  private static void finding(Finding finding, ObjectNode to) {
    Result result = finding.result();
    CheckInfo check = finding.check();
    to.put("code", result.code())
        .put("title", check.title())
        .put("range", Range.of(result.code()).title())
        .put("status", status(result.status()));
    result.context().ifPresent(context -> to.put("context", context));
    to.put("summary", result.summary()).put("confidence", word(result.confidence()));
    ArrayNode objects = to.putArray("objects");
    result.objects().forEach(object -> object(object, objects.addObject()));
    ArrayNode evidence = to.putArray("evidence");
    result
        .evidence()
        .forEach(
            fact -> evidence.addObject().put("text", fact.text()).put("source", fact.source()));
    result.cause().ifPresent(cause -> to.put("cause", cause));
    result.effect().ifPresent(effect -> to.put("effect", effect));
    result.since().ifPresent(since -> to.put("since", since.toString()));
    result.next().ifPresent(next -> to.put("next", next));
    result.fix().ifPresent(fix -> fix(finding, fix, to.putObject("fix")));
    to.put("fixClass", word(check.fix()));
    ArrayNode runbook = to.putArray("runbook");
    check.runbook().forEach(runbook::add);
    to.put("page", Shown.page(result.code()));
    finding.ignored().ifPresent(entry -> ignored(entry, to.putObject("ignored")));
    if (!finding.explains().isEmpty()) {
      ArrayNode explains = to.putArray("explains");
      finding.explains().forEach(below -> finding(below, explains.addObject()));
    }
  }

  private static void object(ObjectRef object, ObjectNode to) {
    to.put("kind", object.kind()).put("namespace", object.namespace()).put("name", object.name());
  }

  private static void fix(Finding finding, Fix fix, ObjectNode to) {
    to.put(
            "kind",
            switch (fix) {
              case Fix.Patch _ -> "patch";
              case Fix.Apply _ -> "apply";
              case Fix.Delete _ -> "delete";
              case Fix.Restart _ -> "restart";
              case Fix.Command _ -> "command";
            })
        .put("what", fix.what());
    Shown.command(finding).ifPresent(command -> to.put("command", command));
  }

  private static void ignored(Ignored.Entry entry, ObjectNode to) {
    to.put("code", entry.code())
        .put("reason", entry.reason())
        .put("until", entry.until().toString())
        .put("source", entry.source());
    entry.context().ifPresent(context -> to.put("context", context));
    entry.object().ifPresent(object -> to.put("object", object));
  }

  static String status(Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
