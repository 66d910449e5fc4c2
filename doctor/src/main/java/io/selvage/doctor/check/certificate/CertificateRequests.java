package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.view.Need;
import java.util.List;
import java.util.Set;

/** SLV1010: a certificate that is asked for with a fresh token is issued. */
public final class CertificateRequests {
  private CertificateRequests() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1010",
            "the CA issues a certificate for a fresh token",
            Set.of(Source.PROBE),
            FixClass.EXPLAINED,
            "R10"),
        CertificateRequests::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.mesh(cluster, results).isEmpty()) {
      return;
    }
    List<ProbeOutcome> probes =
        Need.probes(cluster, results, ProbeOutcome.Purpose.CERTIFICATE_REQUEST);
    for (ProbeOutcome probe : probes) {
      if (probe.result().equals("issued")) {
        results
            .pass("the CA issued to " + probe.from())
            .by(Confidence.PROVED_BY_TRAFFIC)
            .seen(probe.result(), probe.request());
      } else {
        results
            .fail("the CA refused our request: " + probe.result())
            .by(Confidence.PROVED_BY_TRAFFIC)
            .seen(probe.result(), probe.request())
            .cause(cause(probe))
            .effect("no workload gets or renews a certificate the same way")
            .next("the control plane's log has the reason; SLV5003 and SLV5004 read it");
      }
    }
  }

  private static String cause(ProbeOutcome probe) {
    String said = probe.result();
    if (said.contains("timeout") || (said.contains("refused") && !said.contains("authenticate"))) {
      return "the CA's port 15012 cannot be reached";
    }
    return said.contains("authenticate")
        ? "it does not accept the token"
        : "it does not accept the request itself";
  }
}
