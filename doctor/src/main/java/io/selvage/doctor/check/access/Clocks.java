package io.selvage.doctor.check.access;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** SLV0004: the clocks agree on what time it is. */
public final class Clocks {
  /** Beyond that tokens and certificates begin to be refused. */
  private static final Duration TOLERATED = Duration.ofSeconds(60);

  private Clocks() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV0004",
            "the clocks of nodes, API server and this machine agree",
            Set.of(Source.OBJECTS, Source.HANDSHAKE),
            FixClass.PRINTED,
            "R3",
            "R10"),
        Clocks::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<List<ClockReading>> clocks = Need.of(cluster.clocks(), "the clocks", results);
    if (clocks.isEmpty()) {
      return;
    }
    List<ClockReading> read = clocks.get();
    List<ProxyView> early = notYetValid(cluster);
    if (read.isEmpty()) {
      results.unknown("no clock could be read");
      return;
    }
    List<ClockReading> off = read.stream().filter(Clocks::isOff).toList();
    boolean mine = read.size() > 1 && off.size() == read.size() && agree(off);
    if (mine) {
      Duration ahead = off.getFirst().ahead();
      results
          .fail("this machine's clock is " + apart(ahead.negated()) + " of all others")
          .seen(shown(off), "Date of the API server, renewTime of the nodes' Leases")
          .cause("the clock here is wrong, not the cluster's")
          .effect("what is said here of expiry and age is off by as much")
          .next("timedatectl status");
    } else {
      off.forEach(clock -> fail(clock, results));
    }
    early.forEach(proxy -> fail(proxy, cluster, results));
    if (results.all().isEmpty()) {
      results
          .pass(
              "%d clock%s within %d s"
                  .formatted(read.size(), read.size() == 1 ? "" : "s", TOLERATED.toSeconds()))
          .seen(shown(read), "Date of the API server, renewTime of the nodes' Leases");
    }
  }

  private static boolean isOff(ClockReading clock) {
    return clock.ahead().abs().minus(clock.precision()).compareTo(TOLERATED) > 0;
  }

  /** All are off by the same, within what is tolerated. */
  private static boolean agree(List<ClockReading> off) {
    Duration first = off.getFirst().ahead();
    return off.stream().allMatch(one -> one.ahead().minus(first).abs().compareTo(TOLERATED) <= 0);
  }

  private static void fail(ClockReading clock, Results results) {
    boolean behind = clock.ahead().isNegative();
    results
        .fail("%s is %s".formatted(clock.party(), apart(clock.ahead())))
        .seen(
            "%s s (+/- %s s)".formatted(clock.ahead().toSeconds(), clock.precision().toSeconds()),
            clock.party().startsWith("node/") ? "renewTime of its Lease" : "its Date header")
        .cause("its clock is not kept in step")
        .effect(
            behind
                ? "fresh certificates and tokens are \"not yet valid\" there"
                : "certificates and tokens end earlier there than they should")
        .next("on it: timedatectl status; chronyc tracking");
  }

  private static String apart(Duration ahead) {
    return Shown.duration(ahead) + (ahead.isNegative() ? " behind" : " ahead");
  }

  private static String shown(List<ClockReading> clocks) {
    return Shown.some(
        clocks.stream().map(one -> one.party() + " " + one.ahead().toSeconds() + " s").toList());
  }

  /** Proxies whose certificate begins in our future. */
  private static List<ProxyView> notYetValid(ClusterEvidence cluster) {
    return cluster.proxies().found().orElse(List.of()).stream()
        .filter(
            proxy ->
                ProxyCertificate.of(proxy)
                    .filter(one -> one.notBefore().isAfter(cluster.taken().plus(TOLERATED)))
                    .isPresent())
        .toList();
  }

  private static void fail(ProxyView proxy, ClusterEvidence cluster, Results results) {
    ProxyCertificate certificate = ProxyCertificate.of(proxy).orElseThrow();
    results
        .fail(
            "the certificate of %s/%s begins in %s"
                .formatted(
                    proxy.namespace(),
                    proxy.name(),
                    Shown.duration(Duration.between(cluster.taken(), certificate.notBefore()))))
        .seen("not before " + certificate.notBefore(), "the proxy's /certs")
        .cause("the CA's clock is ahead of this one")
        .effect("peers with a right clock refuse it until then")
        .next("compare the clocks of the control plane's node and of this machine");
  }
}
