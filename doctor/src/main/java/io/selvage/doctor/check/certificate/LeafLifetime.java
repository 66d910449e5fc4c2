package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Proxies;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * SLV1007: workloads' certificates are renewed in time. Istio's agent renews at half of the life,
 * Selvage too; who has used 80 % of it cannot reach the CA.
 */
public final class LeafLifetime {
  private static final double LATE = 0.8;

  private LeafLifetime() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1007",
            "workloads' certificates are renewed in time",
            Set.of(Source.CONFIG, Source.METRICS),
            FixClass.SAFE,
            "R3"),
        LeafLifetime::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.mesh(cluster, results).isEmpty()) {
      return;
    }
    Optional<List<ProxyView>> proxies = Need.of(cluster.proxies(), "the proxies", results);
    if (proxies.isEmpty()) {
      return;
    }
    Leaves.judged(
        cluster,
        proxies.get(),
        LeafLifetime::judge,
        ", none past 80 % of its life",
        "dates of secret default",
        results);
  }

  private static void judge(
      ProxyView proxy, ProxyCertificate certificate, ClusterEvidence cluster, Results results) {
    Instant now = cluster.taken();
    double age = certificate.age(now);
    if (age <= LATE) {
      return;
    }
    Duration left = Duration.between(now, certificate.notAfter());
    boolean over = left.isNegative() || left.isZero();
    var said =
        results
            .fail(
                over
                    ? "the certificate of %s expired %s ago"
                        .formatted(Proxies.shown(proxy), Shown.duration(left))
                    : "the certificate of %s is past %d %% of its life, %s left"
                        .formatted(Proxies.shown(proxy), (int) (age * 100), Shown.duration(left)))
            .about(Proxies.ref(proxy))
            .seen(
                "valid from %s to %s".formatted(certificate.notBefore(), certificate.notAfter()),
                "its /config_dump or /certs")
            .cause("renewal fails: its agent cannot reach the CA, or is refused (SLV5004)")
            .effect(over ? "every peer refuses it" : "at its end every peer refuses it")
            .since(over ? certificate.notAfter() : due(certificate))
            .next(
                "kubectl -n %s logs %s -c istio-proxy | grep -iE 'cert|csr|ca client'"
                    .formatted(proxy.namespace(), proxy.name()));
    Proxies.restart(cluster, proxy.namespace(), proxy.name()).ifPresent(said::fix);
  }

  /** When it should have been renewed. */
  private static Instant due(ProxyCertificate certificate) {
    return certificate
        .notBefore()
        .plus(Duration.between(certificate.notBefore(), certificate.notAfter()).dividedBy(2));
  }
}
