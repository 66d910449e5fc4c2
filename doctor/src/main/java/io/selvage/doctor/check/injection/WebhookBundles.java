package io.selvage.doctor.check.injection;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ManagedFields;
import io.selvage.doctor.mesh.MeshWebhook;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Written;
import io.selvage.pki.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * SLV3002: every {@code caBundle}, of every entry of every webhook, revision and tag, verifies what
 * the control plane really serves for the name by which the API server calls it.
 */
public final class WebhookBundles {
  private WebhookBundles() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV3002",
            "every caBundle verifies what the control plane serves",
            Set.of(Source.OBJECTS, Source.HANDSHAKE),
            FixClass.CONSENTED,
            "R4",
            "R5"),
        WebhookBundles::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    List<MeshWebhook> webhooks = new ArrayList<>();
    for (Look<List<MeshWebhook>> look :
        List.of(
            MeshWebhook.injecting(cluster, flavour.get()),
            MeshWebhook.validating(cluster, flavour.get()))) {
      Need.of(look, "webhooks", results).ifPresent(webhooks::addAll);
    }
    if (webhooks.isEmpty()) {
      if (results.all().isEmpty()) {
        results.skip("the mesh has no webhooks here (SLV3001 says whether it should)");
      }
      return;
    }
    judge(webhooks, cluster, flavour.get(), results);
  }

  /** Entries of one configuration with the same problem are one finding. */
  private record Alike(ObjectRef configuration, BundleVerdict.Wrong wrong) {}

  private static void judge(
      List<MeshWebhook> webhooks, ClusterEvidence cluster, Flavour flavour, Results results) {
    Map<Alike, List<MeshWebhook>> wrong = new LinkedHashMap<>();
    Set<String> unknown = new LinkedHashSet<>();
    int held = 0;
    int open = 0;
    for (MeshWebhook one : webhooks) {
      switch (BundleVerdict.of(one, cluster, flavour)) {
        case BundleVerdict.Holds _ -> held++;
        case BundleVerdict.Public _ -> open++;
        case BundleVerdict.Unknown(String why) -> unknown.add(why);
        case BundleVerdict.Wrong found ->
            wrong
                .computeIfAbsent(
                    new Alike(one.configuration().ref(), found), _ -> new ArrayList<>())
                .add(one);
      }
    }
    wrong.forEach((alike, entries) -> fail(alike.wrong(), entries, flavour, results));
    if (!unknown.isEmpty()) {
      results
          .unknown(
              "%d caBundles were not compared: %s"
                  .formatted(webhooks.size() - held - open - count(wrong), Shown.some(unknown)))
          .next("grant create pods/portforward in " + flavour.namespace());
    } else if (wrong.isEmpty()) {
      String outside = open == 0 ? "" : "; %d are called by a public URL".formatted(open);
      results
          .pass("%d caBundles verify what is served%s".formatted(held, outside))
          .by(held > 0 ? Confidence.PROVED_BY_TRAFFIC : Confidence.PROVED_BY_CONFIGURATION)
          .seen(
              Shown.some(webhooks.stream().map(MeshWebhook::shown).toList()),
              "handshakes at port 15017, GET webhook configurations");
    }
  }

  private static int count(Map<Alike, List<MeshWebhook>> wrong) {
    return wrong.values().stream().mapToInt(List::size).sum();
  }

  private static void fail(
      BundleVerdict.Wrong wrong, List<MeshWebhook> entries, Flavour flavour, Results results) {
    MeshWebhook first = entries.getFirst();
    Optional<Written> writer = ManagedFields.ofBundle(first);
    var said =
        results
            .fail(
                "caBundle of %s entr%s %s %s"
                    .formatted(
                        first.configuration().name(),
                        entries.size() == 1 ? "y" : "ies",
                        Shown.some(
                            entries.stream().map(one -> String.valueOf(one.index())).toList()),
                        wrong.problem()))
            .about(first.configuration().ref())
            .by(Confidence.PROVED_BY_CONFIGURATION)
            .seen(wrong.seen(), "GET " + first.configuration().ref() + ", handshake at port 15017")
            .cause(
                writer
                    .map(who -> "the field was last written " + who)
                    .orElse("nobody has written it"))
            .effect(effect(first))
            .next(
                "kubectl -n %s rollout restart deployment %s   # it writes the caBundle as it starts"
                    .formatted(flavour.namespace(), flavour.revisions().getFirst().deployment()));
    entries.forEach(one -> said.seen(one.name(), "entry " + one.index()));
    writer.map(Written::at).filter(at -> at.getEpochSecond() > 0).ifPresent(said::since);
    if (!wrong.right().isEmpty()) {
      said.fix(patch(entries, wrong.right()));
    }
  }

  private static String effect(MeshWebhook webhook) {
    boolean injects = webhook.name().contains("sidecar-injector");
    boolean closed = webhook.failurePolicy().equals("Fail");
    if (injects) {
      return closed
          ? "Pods that it is asked about cannot be created"
          : "new Pods start without a proxy: in plaintext, without policy";
    }
    return closed
        ? "the mesh's configuration cannot be changed"
        : "mistakes in the mesh's configuration are no longer refused";
  }

  /** From roots that verify what is served. */
  private static Fix patch(List<MeshWebhook> entries, TrustBundle right) {
    String encoded =
        Base64.getEncoder().encodeToString(right.pem().getBytes(StandardCharsets.UTF_8));
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    for (MeshWebhook one : entries) {
      patch
          .addObject()
          .put("op", "test")
          .put("path", "/webhooks/" + one.index() + "/name")
          .put("value", one.name());
      patch.addObject().put("op", "add").put("path", one.bundlePointer()).put("value", encoded);
    }
    return new Fix.Patch(
        "put the root that verifies what is served (%s) into %d entries"
            .formatted(Shown.fingerprints(right), entries.size()),
        entries.getFirst().configuration().apiVersion(),
        entries.getFirst().configuration().ref(),
        patch);
  }
}
