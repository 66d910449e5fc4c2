package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Proxies;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * SLV1008: a certificate says who the Pod is: "An X.509 SVID MUST contain exactly one URI SAN"
 * (X509-SVID 2), of the Pod's namespace and ServiceAccount.
 */
public final class LeafIdentity {
  private LeafIdentity() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1008",
            "certificates say who the workloads are",
            Set.of(Source.CONFIG, Source.OBJECTS, Source.HANDSHAKE),
            FixClass.SAFE,
            "R2"),
        LeafIdentity::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    boolean pods = flavour.get().kind() != Flavour.Kind.LOCAL;
    Optional<List<ProxyView>> proxies = Need.of(cluster.proxies(), "the proxies", results);
    if (proxies.isEmpty() || (pods && Need.all(cluster, Kind.POD, results).isEmpty())) {
      return;
    }
    Leaves.judged(
        cluster,
        proxies.get(),
        LeafIdentity::judge,
        " name their Pods' ServiceAccounts",
        "URI names of secret default",
        results);
  }

  private static void judge(
      ProxyView proxy, ProxyCertificate certificate, ClusterEvidence cluster, Results results) {
    if (certificate.uris().size() != 1) {
      fail(
          proxy,
          "has %d URI names%s"
              .formatted(
                  certificate.uris().size(),
                  certificate.uris().isEmpty() ? "" : ": " + Shown.some(certificate.uris())),
          "it was not issued by a mesh's CA",
          cluster,
          results);
      return;
    }
    SpiffeId id;
    try {
      id = SpiffeId.parse(certificate.uris().getFirst());
    } catch (PkiException e) {
      fail(
          proxy,
          String.valueOf(e.getMessage()),
          "it was not issued by a mesh's CA",
          cluster,
          results);
      return;
    }
    Optional<PodView> pod = Proxies.pod(cluster, proxy).map(PodView::new);
    if (pod.isEmpty()) {
      return;
    }
    String expected = "/ns/%s/sa/%s".formatted(pod.get().namespace(), pod.get().serviceAccount());
    if (!id.path().equals(expected)) {
      fail(
          proxy,
          "says %s, the Pod runs as %s/%s"
              .formatted(id, pod.get().namespace(), pod.get().serviceAccount()),
          "a certificate of another workload is mounted, or the CA took the name from the request",
          cluster,
          results);
    }
  }

  private static void fail(
      ProxyView proxy, String what, String cause, ClusterEvidence cluster, Results results) {
    var said =
        results
            .fail("the certificate of %s %s".formatted(Proxies.shown(proxy), what))
            .about(Proxies.ref(proxy))
            .seen(what, "its /config_dump or /certs")
            .cause(cause)
            .effect("policies take it for somebody else")
            .next(Proxies.restartCommand(cluster, proxy.namespace(), proxy.name()));
    Proxies.restart(cluster, proxy.namespace(), proxy.name()).ifPresent(said::fix);
  }
}
