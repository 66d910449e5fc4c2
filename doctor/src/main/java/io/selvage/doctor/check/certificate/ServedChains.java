package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.Proxies;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.ServerChain;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.pki.AlgorithmRules;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * SLV1005: what workloads serve leads to the configured root, by path validation and fingerprint;
 * names of Mesh CA or istiod are a hint only.
 */
public final class ServedChains {
  private ServedChains() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1005",
            "served chains lead to the root",
            Set.of(Source.HANDSHAKE, Source.CONFIG),
            FixClass.SAFE,
            "R3"),
        ServedChains::ask);
  }

  /**
   * A chain and whose it is.
   *
   * @param source by which call it was seen
   */
  private record Shows(ObjectRef who, int port, ServerChain chain, String source) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    Optional<MeshRoots> roots = Need.of(MeshRoots.of(cluster, flavour.get()), "the root", results);
    if (roots.isEmpty()) {
      return;
    }
    List<String> unseen = new ArrayList<>();
    List<Shows> chains = handshakes(cluster, unseen);
    chains.addAll(held(cluster, chains));
    if (chains.isEmpty() && unseen.isEmpty()) {
      nothing(cluster, results);
      return;
    }
    chains.forEach(one -> judge(one, roots.get(), cluster, results));
    if (!unseen.isEmpty()) {
      results
          .unknown("no handshake with %s".formatted(Shown.some(unseen)))
          .next("see whether the Pods listen: kubectl get pods -A -o wide");
    } else if (results.all().isEmpty()) {
      results
          .pass(
              "%d chains lead to %s"
                  .formatted(chains.size(), Shown.fingerprints(roots.get().bundle())))
          .by(
              chains.stream().anyMatch(one -> one.port() > 0)
                  ? Confidence.PROVED_BY_TRAFFIC
                  : Confidence.PROVED_BY_CONFIGURATION)
          .seen(chains.getFirst().chain().lastIssuer(), chains.getFirst().source());
    }
  }

  private static void nothing(ClusterEvidence cluster, Results results) {
    if (Need.of(cluster.handshakes(), "handshakes", results).isPresent()
        && Need.of(cluster.proxies(), "proxies", results).isPresent()) {
      results.skip("there is no workload with a certificate");
    }
  }

  private static List<Shows> handshakes(ClusterEvidence cluster, List<String> unseen) {
    List<Shows> found = new ArrayList<>();
    for (Handshake one : cluster.handshakes().found().orElse(List.of())) {
      if (one.target().purpose() != Handshake.Purpose.WORKLOAD) {
        continue;
      }
      ObjectRef who = new ObjectRef("Pod", one.target().namespace(), one.target().name());
      Optional<ServerChain> chain =
          one.outcome() instanceof Look.Seen<Handshake.Served>(Handshake.Served served)
              ? ServerChain.of(served)
              : Optional.empty();
      chain.ifPresentOrElse(
          seen ->
              found.add(
                  new Shows(who, one.target().port(), seen, "handshake, ALPN " + one.offered())),
          () -> unseen.add(who.namespace() + "/" + who.name() + ":" + one.target().port()));
    }
    return found;
  }

  /** What proxies hold whose chain no handshake showed. */
  private static List<Shows> held(ClusterEvidence cluster, List<Shows> shown) {
    Set<ObjectRef> known = new LinkedHashSet<>();
    shown.forEach(one -> known.add(one.who()));
    List<Shows> found = new ArrayList<>();
    for (ProxyView proxy : cluster.proxies().found().orElse(List.of())) {
      if (!known.contains(Proxies.ref(proxy))) {
        ProxyCertificate.of(proxy)
            .filter(certificate -> !certificate.chain().isEmpty())
            .ifPresent(
                certificate ->
                    found.add(
                        new Shows(
                            Proxies.ref(proxy),
                            0,
                            new ServerChain(certificate.chain()),
                            "secret default of its /config_dump")));
      }
    }
    return found;
  }

  private static void judge(Shows one, MeshRoots roots, ClusterEvidence cluster, Results results) {
    ServerChain chain = one.chain();
    String who =
        one.who().namespace() + "/" + one.who().name() + (one.port() > 0 ? ":" + one.port() : "");
    Optional<String> problem = chain.problemOfPath(roots.bundle(), cluster.taken());
    boolean expired = chain.leaf().getNotAfter().toInstant().isBefore(cluster.taken());
    if (problem.isPresent() && !expired) { // an expired leaf is SLV1007's
      var said =
          results
              .fail("%s: %s".formatted(who, problem.get()))
              .about(one.who())
              .by(
                  one.port() > 0
                      ? Confidence.PROVED_BY_TRAFFIC
                      : Confidence.PROVED_BY_CONFIGURATION)
              .seen(
                  "served: %s, last issued by \"%s\"%s"
                      .formatted(Shown.certificate(chain.leaf()), chain.lastIssuer(), hint(chain)),
                  one.source())
              .seen("expected: " + Shown.fingerprints(roots.bundle()), roots.source())
              .cause("it was issued by another CA, or before the root was changed")
              .effect("peers that trust the mesh's root refuse it")
              .next(Proxies.restartCommand(cluster, one.who().namespace(), one.who().name()));
      Proxies.restart(cluster, one.who().namespace(), one.who().name()).ifPresent(said::fix);
    } else if (problem.isEmpty()) {
      shape(one, who, results);
    }
  }

  /** What holds, but not with every peer. */
  private static void shape(Shows one, String who, Results results) {
    if (!one.chain().isInOrder()) {
      results
          .warn(who + ": the chain is not in order, each followed by its issuer")
          .about(one.who())
          .seen(
              Shown.some(one.chain().certificates().stream().map(Shown::certificate).toList()),
              one.source())
          .cause("cert-chain.pem of the CA is in another order")
          .effect("strict TLS stacks refuse it (RFC 8446 4.4.2 asks for the order)")
          .next("put the issuer of ca-cert.pem first in cert-chain.pem");
    }
    for (X509Certificate certificate : one.chain().certificates()) {
      AlgorithmRules.weaknessOf(certificate)
          .ifPresent(
              weakness ->
                  results
                      .fail(
                          "%s: %s has %s".formatted(who, Shown.certificate(certificate), weakness))
                      .about(one.who())
                      .seen(Shown.certificate(certificate), one.source())
                      .cause("a CA or a workload's key of old rules")
                      .effect("peers with newer rules refuse it")
                      .next("issue it anew with ECDSA P-256 or RSA 2048, signed with SHA-256"));
    }
  }

  private static String hint(ServerChain chain) {
    String issuer = chain.lastIssuer();
    if (issuer.contains("istio_v1_cloud_workload_root-signer")) {
      return " (named as Mesh CA names its roots)";
    }
    return issuer.contains("O=") ? " (named as istiod and Selvage name a root of their own)" : "";
  }
}
