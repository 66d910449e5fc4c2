package io.selvage.doctor.check.injection;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.ManagedFields;
import io.selvage.doctor.mesh.MeshWebhook;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Written;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * SLV3003: what keeps the control plane from mending a caBundle. istiod writes each anew whenever
 * the webhook or the CA changes, so one that stays wrong has a reason.
 */
public final class BundleRepair {
  private static final Set<String> CONTROL_PLANES =
      Set.of("pilot-discovery", "istiod", "selvage-control");
  private static final String FAILURES = "webhook_patch_failures_total";

  private BundleRepair() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV3003",
            "nothing keeps the control plane from mending a caBundle",
            Set.of(Source.OBJECTS, Source.METRICS, Source.LOGS),
            FixClass.PRINTED,
            "R5"),
        BundleRepair::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    Optional<List<MeshWebhook>> injecting =
        Need.of(MeshWebhook.injecting(cluster, flavour.get()), "webhooks", results);
    if (injecting.isEmpty()) {
      return;
    }
    List<MeshWebhook> webhooks = new ArrayList<>(injecting.get());
    MeshWebhook.validating(cluster, flavour.get()).found().ifPresent(webhooks::addAll);
    List<MeshWebhook> wrong =
        webhooks.stream()
            .filter(
                one -> BundleVerdict.of(one, cluster, flavour.get()) instanceof BundleVerdict.Wrong)
            .toList();
    if (wrong.isEmpty()) {
      results
          .pass("no caBundle has to be mended")
          .seen(webhooks.size() + " entries", "GET webhook configurations");
      return;
    }
    Set<String> told = new LinkedHashSet<>();
    for (MeshWebhook one : wrong) {
      if (told.add(one.configuration().ref().toString())) {
        reason(one, cluster, flavour.get(), results);
      }
    }
    if (results.all().isEmpty()) {
      results
          .pass("nothing was found that keeps the control plane from mending it")
          .seen("its last writer is the control plane or nobody", "managedFields")
          .seen("no failure is counted", FAILURES);
    }
  }

  private static void reason(
      MeshWebhook webhook, ClusterEvidence cluster, Flavour flavour, Results results) {
    String name = webhook.configuration().name();
    Optional<Written> writer = ManagedFields.ofBundle(webhook);
    if (writer.isPresent() && !CONTROL_PLANES.contains(writer.get().by())) {
      foreign(webhook, writer.get(), results);
      return;
    }
    boolean known =
        flavour.revisions().stream().anyMatch(one -> one.name().equals(webhook.revision()));
    if (!known && flavour.kind() == Flavour.Kind.ISTIO) {
      results
          .fail("%s is of revision %s, which nobody runs".formatted(name, webhook.revision()))
          .about(webhook.configuration().ref())
          .seen("label istio.io/rev=" + webhook.revision(), "GET " + webhook.configuration().ref())
          .cause("istiod mends only the webhooks of its own revision")
          .effect("its caBundle stays as it is")
          .next("istioctl tag set, or delete the configuration of the revision that is gone");
      return;
    }
    failures(webhook, cluster, results);
  }

  private static void foreign(MeshWebhook webhook, Written writer, Results results) {
    results
        .fail(
            "caBundle of %s was last written by %s, not by the control plane"
                .formatted(webhook.configuration().name(), writer.by()))
        .about(webhook.configuration().ref())
        .seen("managedFields: " + writer, "GET " + webhook.configuration().ref())
        .cause("its source of configuration has a caBundle of its own, and writes it back")
        .effect("whatever the control plane writes is overwritten")
        .since(writer.at())
        .next("take caBundle out of what " + writer.by() + " applies, or have it ignore the field")
        .fix(
            new Fix.Command(
                "have Argo CD leave the field alone (Flux and Helm: take it out of the source)",
                """
                ignoreDifferences:
                - group: admissionregistration.k8s.io
                  kind: %s
                  name: %s
                  jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle']\
                """
                    .formatted(webhook.configuration().kind(), webhook.configuration().name())));
  }

  private static void failures(MeshWebhook webhook, ClusterEvidence cluster, Results results) {
    String name = webhook.configuration().name();
    List<Metric> counted =
        cluster.metrics().found().orElse(List.of()).stream()
            .filter(one -> one.name().equals(FAILURES) && one.value() > 0)
            .filter(one -> one.labels().getOrDefault("name", "").equals(name))
            // Each revision counts the others' webhooks under this reason: that is as it should be.
            .filter(one -> !one.labels().getOrDefault("reason", "").equals("wrong_revision"))
            .toList();
    List<LogSignature.Match> logged =
        LogSignature.find(LogSignature.WEBHOOK_PATCH, cluster.logs().found().orElse(List.of()))
            .stream()
            .filter(one -> one.part("name").isEmpty() || one.part("name").equals(name))
            .toList();
    if (counted.isEmpty() && logged.isEmpty()) {
      return;
    }
    var said =
        results
            .fail(
                "the control plane fails to write the caBundle of %s: %s"
                    .formatted(
                        name,
                        logged.isEmpty()
                            ? counted.getFirst().labels().getOrDefault("reason", "unknown")
                            : logged.getLast().part("reasons")))
            .about(webhook.configuration().ref())
            .cause(
                logged.stream().anyMatch(one -> one.part("reasons").contains("forbidden"))
                    ? "it lacks the right to update the configuration (SLV6001)"
                    : "its update is refused, or the CA's certificate cannot be loaded")
            .effect("the caBundle stays wrong whatever the CA does")
            .next("see SLV6001 for rights; the control plane's log for the rest");
    counted.forEach(
        one -> said.seen("%s%s %.0f".formatted(FAILURES, one.labels(), one.value()), one.pod()));
    logged.stream()
        .skip(Math.max(0, logged.size() - 3))
        .forEach(one -> said.seen(one.line().text(), "log of " + one.line().pod()));
    logged.stream().findFirst().flatMap(one -> one.line().time()).ifPresent(said::since);
  }
}
