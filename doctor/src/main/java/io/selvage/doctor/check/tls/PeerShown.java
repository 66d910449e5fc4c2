package io.selvage.doctor.check.tls;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Probed;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Xfcc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who the application is told is calling ({@code x-forwarded-client-cert}), against who calls and
 * with which certificate. A header that is not there proves nothing: proxies can be told not to set
 * it.
 */
public final class PeerShown {
  /** XFCC shows the caller. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2007",
              "x-forwarded-client-cert names the caller and the certificate that it holds",
              Set.of(Source.PROBE, Source.CONFIG),
              FixClass.EXPLAINED,
              "R2"),
          PeerShown::shown);

  /** A forged XFCC is dropped. */
  public static final Check FORGED =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2008",
              "a forged x-forwarded-client-cert is dropped",
              Set.of(Source.PROBE),
              FixClass.EXPLAINED,
              "R2"),
          PeerShown::forged);

  private static final String HEADER = "x-forwarded-client-cert";

  private PeerShown() {}

  private static void shown(ClusterEvidence cluster, Results results) {
    int right = 0;
    for (ProbeOutcome probe : Need.probes(cluster, results, Purpose.PEER_SEEN)) {
      right += shown(cluster, probe, results) ? 1 : 0;
    }
    if (right > 0) {
      results
          .pass(
              "%s: By, URI and Hash are those of the two ends"
                  .formatted(Words.count(right, "header")))
          .by(Confidence.PROVED_BY_TRAFFIC);
    }
  }

  private static boolean shown(ClusterEvidence cluster, ProbeOutcome probe, Results results) {
    String header = probe.details().getOrDefault(HEADER, "");
    List<Xfcc> elements = Xfcc.parse(header);
    if (elements.isEmpty()) {
      results.unknown(
          "%s got no x-forwarded-client-cert (%s): its proxy may be told to drop it, or the way"
                  .formatted(Probed.where(probe), probe.result())
              + " there has no HTTP proxy (ambient's layer 4)");
      return false;
    }
    Xfcc last = elements.getLast();
    List<String> wrong = new ArrayList<>();
    Optional<String> uri = expected(cluster, probe, "expected-uri", caller(probe));
    compare("URI", last.uri(), uri, wrong);
    compare(
        "By", last.by(), expected(cluster, probe, "expected-by", server(cluster, probe)), wrong);
    Optional<String> held =
        Optional.ofNullable(probe.details().get("peer-hash"))
            .map(hash -> hash.toLowerCase(Locale.ROOT));
    compare("Hash", last.hash(), held, wrong);
    if (!wrong.isEmpty()) {
      results
          .fail("%s is told %s".formatted(Probed.where(probe), String.join("; ", wrong)))
          .about(Probed.ref(probe))
          .seen(HEADER + ": " + header, "what the server saw of " + probe.request())
          .by(Confidence.PROVED_BY_TRAFFIC)
          .cause(
              "the caller has another certificate than its ServiceAccount's (SLV1008), or a hop"
                  + " between the two ended the connection and opened its own")
          .effect("applications and policies decide by a name that is not the caller's")
          .next("selvage doctor --only SLV1005,SLV1008");
      return false;
    }
    if (uri.isEmpty()) {
      results.unknown(
          "which trust domain the mesh has was not seen: URI and By at %s are not compared"
              .formatted(Probed.where(probe)));
      return false;
    }
    if (held.isEmpty()) {
      results.unknown(
          "the certificate that %s holds was not seen: URI and By are right, Hash is not compared"
              .formatted(probe.from()));
      return false;
    }
    return true;
  }

  private static void compare(
      String field, Optional<String> seen, Optional<String> expected, List<String> wrong) {
    if (expected.isPresent() && !seen.equals(expected)) {
      wrong.add("%s %s, expected %s".formatted(field, seen.orElse("none"), expected.get()));
    }
  }

  private static Optional<String> expected(
      ClusterEvidence cluster, ProbeOutcome probe, String detail, Optional<String> account) {
    return Optional.ofNullable(probe.details().get(detail))
        .or(
            () ->
                account.flatMap(
                    path ->
                        cluster
                            .flavour()
                            .found()
                            .map(Flavour::trustDomain)
                            .filter(domain -> !domain.isEmpty())
                            .map(domain -> "spiffe://" + domain + "/" + path)));
  }

  private static Optional<String> caller(ProbeOutcome probe) {
    String[] parts = probe.from().split("/", -1);
    return parts.length == 2 ? Optional.of("ns/" + parts[0] + "/sa/" + parts[1]) : Optional.empty();
  }

  private static Optional<String> server(ClusterEvidence cluster, ProbeOutcome probe) {
    return Probed.pod(MeshView.of(cluster), probe)
        .map(pod -> "ns/" + pod.namespace() + "/sa/" + pod.serviceAccount());
  }

  private static void forged(ClusterEvidence cluster, Results results) {
    int dropped = 0;
    for (ProbeOutcome probe : Need.probes(cluster, results, Purpose.FORGED_PEER)) {
      String forged = probe.details().getOrDefault("forged", "");
      String seen = probe.details().getOrDefault(HEADER, "");
      boolean answered = probe.result().startsWith("2");
      if (forged.isEmpty() || !answered) {
        results.unknown(
            "the forged header got %s from %s: what became of it is not known"
                .formatted(probe.result(), Probed.where(probe)));
      } else if (seen.contains(forged)) {
        results
            .fail(
                "%s passed a forged x-forwarded-client-cert on: %s"
                    .formatted(Probed.where(probe), forged))
            .about(Probed.ref(probe))
            .seen(HEADER + ": " + seen, "what the server saw of " + probe.request())
            .by(Confidence.PROVED_BY_TRAFFIC)
            .cause("the proxy forwards what callers say of themselves (ALWAYS_FORWARD_ONLY)")
            .effect("callers can pretend to be anyone towards whoever believes this header")
            .next(
                "set forwardClientCertDetails to SANITIZE_SET (gatewayTopology of the gateway, or"
                    + " defaultConfig.proxyHeaders of the mesh)");
      } else {
        dropped++;
      }
    }
    if (dropped > 0) {
      results.pass("a forged header did not arrive").by(Confidence.PROVED_BY_TRAFFIC);
    }
  }
}
