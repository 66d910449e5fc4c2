package io.selvage.doctor.check.injection;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.LabelSelector;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.MeshWebhook;
import io.selvage.doctor.mesh.PemText;
import io.selvage.doctor.mesh.ServerChain;
import io.selvage.doctor.mesh.Shown;
import io.selvage.pki.TrustBundle;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What comes of a webhook's {@code caBundle}, judged as the API server judges it: by it the chain
 * that is served must hold, for the Service's name.
 */
sealed interface BundleVerdict {
  /** It verifies what is served. */
  record Holds(String fingerprints) implements BundleVerdict {}

  /**
   * It does not.
   *
   * @param problem in words
   * @param seen what was compared
   * @param right roots of the mesh that do verify what is served; empty when none is known to
   */
  record Wrong(String problem, String seen, TrustBundle right) implements BundleVerdict {}

  /** Nobody can tell: what is served was not seen. */
  record Unknown(String why) implements BundleVerdict {}

  /** It is called by a public name, whose certificate is a public CA's. */
  record Public(String url) implements BundleVerdict {}

  /** Of one entry. */
  static BundleVerdict of(MeshWebhook webhook, ClusterEvidence cluster, Flavour flavour) {
    Optional<String> written = webhook.caBundle();
    if (webhook.url().isPresent() && written.isEmpty()) {
      return new Public(webhook.url().get());
    }
    Handshakes served = Handshakes.of(webhook, cluster, flavour);
    TrustBundle right = served.verified(cluster, flavour);
    if (written.isEmpty()) {
      return new Wrong("is empty", "caBundle is not set", right);
    }
    PemText text = new PemText("caBundle", written.get());
    if (text.problem().isPresent()) {
      return new Wrong("cannot be read: " + text.problem().get(), "caBundle is no PEM", right);
    }
    TrustBundle bundle = text.bundle();
    boolean over =
        bundle.roots().stream()
            .allMatch(root -> root.getNotAfter().toInstant().isBefore(cluster.taken()));
    if (over) {
      return new Wrong(
          "expired at " + bundle.roots().getFirst().getNotAfter().toInstant(),
          "caBundle " + Shown.fingerprints(bundle),
          right);
    }
    if (webhook.url().isPresent()) {
      return new Unknown("its URL " + webhook.url().get() + " was not called");
    }
    return served.judge(bundle, webhook.serverName(), right);
  }

  /**
   * What the Pods behind a webhook's Service serve.
   *
   * @param all handshakes with them, seen or not
   */
  record Handshakes(List<Handshake> all, ClusterEvidence cluster) {
    private static Handshakes of(MeshWebhook webhook, ClusterEvidence cluster, Flavour flavour) {
      List<String> behind = pods(webhook, cluster);
      List<Handshake> made =
          ControlPlane.of(cluster, flavour).stream()
              .flatMap(plane -> plane.handshakes(Handshake.Purpose.WEBHOOK).stream())
              .distinct()
              .toList();
      List<Handshake> its =
          made.stream().filter(one -> behind.contains(one.target().name())).toList();
      // Without the Service's Pods the handshake for its name is the one that counts.
      return new Handshakes(
          its.isEmpty()
              ? made.stream()
                  .filter(one -> one.serverName().startsWith(webhook.service() + "."))
                  .toList()
              : its,
          cluster);
    }

    private static List<String> pods(MeshWebhook webhook, ClusterEvidence cluster) {
      Optional<JsonNode> selector =
          cluster
              .objects()
              .find(Kind.SERVICE, webhook.serviceNamespace(), webhook.service())
              .map(service -> service.at("/spec/selector"))
              .filter(JsonNode::isObject);
      if (selector.isEmpty()) {
        return List.of();
      }
      var labels = tools.jackson.databind.node.JsonNodeFactory.instance.objectNode();
      labels.set("matchLabels", selector.get());
      LabelSelector selects = new LabelSelector(labels);
      return cluster.objects().all(Kind.POD).stream()
          .filter(pod -> pod.namespace().equals(webhook.serviceNamespace()))
          .filter(pod -> selects.matches(pod.labels()))
          .map(ApiObject::name)
          .toList();
    }

    private BundleVerdict judge(TrustBundle bundle, String serverName, TrustBundle right) {
      if (all.isEmpty()) {
        return new Unknown(
            cluster.handshakes() instanceof Look.Unseen<List<Handshake>> unseen
                ? "no handshake was made: " + unseen.why()
                : "no handshake was made with " + serverName);
      }
      for (Handshake one : all) {
        switch (one.outcome()) {
          case Look.Unseen<Handshake.Served>(String why, Optional<String> _) -> {
            return new Unknown(
                "no handshake with %s:%d: %s"
                    .formatted(one.target().name(), one.target().port(), why));
          }
          case Look.Seen<Handshake.Served>(Handshake.Served served) -> {
            Optional<BundleVerdict> wrong = wrong(one, served, bundle, serverName, right);
            if (wrong.isPresent()) {
              return wrong.get();
            }
          }
        }
      }
      return new Holds(Shown.fingerprints(bundle));
    }

    private Optional<BundleVerdict> wrong(
        Handshake one,
        Handshake.Served served,
        TrustBundle bundle,
        String serverName,
        TrustBundle right) {
      String where = one.target().name() + ":" + one.target().port();
      Optional<ServerChain> chain = ServerChain.of(served);
      if (chain.isEmpty()) {
        return Optional.of(new Unknown(where + " sent certificates that cannot be read"));
      }
      Optional<String> path = chain.get().problemOfPath(bundle, cluster.taken());
      Optional<String> name = chain.get().problemOfName(serverName);
      return path.map(problem -> "does not verify what " + where + " serves: " + problem)
          .or(
              () ->
                  name.map(problem -> "is right, but " + where + " is another server: " + problem))
          .map(
              problem ->
                  new Wrong(
                      problem,
                      "caBundle %s; %s serves a chain to \"%s\"%s"
                          .formatted(
                              Shown.fingerprints(bundle),
                              where,
                              chain.get().lastIssuer(),
                              chain
                                  .get()
                                  .sentRoot()
                                  .map(root -> " " + Shown.fingerprint(root))
                                  .orElse("")),
                      path.isPresent() ? right : TrustBundle.empty()));
    }

    /** The mesh's configured roots, if they verify everything that is served. */
    private TrustBundle verified(ClusterEvidence of, Flavour flavour) {
      Optional<MeshRoots> roots = MeshRoots.of(of, flavour).found();
      if (roots.isEmpty() || all.isEmpty()) {
        return TrustBundle.empty();
      }
      boolean holds =
          all.stream()
              .allMatch(
                  one ->
                      one.outcome()
                          .found()
                          .flatMap(ServerChain::of)
                          .filter(
                              chain ->
                                  chain.problemOfPath(roots.get().bundle(), of.taken()).isEmpty())
                          .isPresent());
      return holds ? roots.get().bundle() : TrustBundle.empty();
    }
  }
}
