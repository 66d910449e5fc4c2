package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.Unanswered;
import java.util.List;
import java.util.Optional;

/**
 * The certificates by which a cluster's proxies show who their workloads are, looked at in turn.
 */
final class Leaves {
  private Leaves() {}

  /** What a check asks of each. */
  @FunctionalInterface
  interface Judge {
    /** Says something only when it is not as it should be. */
    void judge(
        ProxyView proxy, ProxyCertificate certificate, ClusterEvidence cluster, Results results);
  }

  /**
   * Has each judged, and says so when there was none, or none to see.
   *
   * @param fine what to say when all are as they should be, after their number
   * @param read what was looked at of each
   */
  static void judged(
      ClusterEvidence cluster,
      List<ProxyView> proxies,
      Judge judge,
      String fine,
      String read,
      Results results) {
    int seen = 0;
    for (ProxyView proxy : proxies) {
      Optional<ProxyCertificate> certificate = ProxyCertificate.of(proxy);
      if (certificate.isPresent()) {
        seen++;
        judge.judge(proxy, certificate.get(), cluster, results);
      }
    }
    if (seen == 0 && !proxies.isEmpty()) {
      results.unknown("no proxy showed a certificate (SLV1006 says why)");
      return;
    }
    Unanswered.of(proxies).tell("certificates", results);
    if (seen == 0) {
      results.skip("there is no proxy");
    } else if (results.all().isEmpty()) {
      results
          .pass("%d certificates%s".formatted(seen, fine))
          .seen(read, "the proxies' /config_dump and /certs");
    }
  }
}
