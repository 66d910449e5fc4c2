package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.kubernetes.ControlPages.PodClock;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads clocks against ours: the API server's by the date of an answer, a node's by the lease that
 * its kubelet renews every quarter of the lease's life, Pods' by the date of their pages.
 */
final class ClockCollector {
  /** HTTP dates count in seconds. */
  private static final Duration DATE = Duration.ofSeconds(1);

  private static final String NODES = "kube-node-lease";
  private static final int LEASE_SECONDS = 40;
  private static final int RENEWALS = 4;

  private final ClusterApi api;
  private final InstantSource clock;

  ClockCollector(ClusterApi api, InstantSource clock) {
    this.api = api;
    this.clock = clock;
  }

  /** The API server's; unseen when it dates nothing. */
  Look<ClockReading> server() {
    try {
      Instant before = clock.instant();
      Optional<Instant> date = api.get("/version").date();
      Instant after = clock.instant();
      if (date.isEmpty()) {
        return Look.unseen("the API server's answers have no date");
      }
      Duration took = Duration.between(before, after);
      return Look.seen(
          between(
              ClockReading.API_SERVER,
              date.get(),
              before.plus(took.dividedBy(2)),
              took.dividedBy(2)));
    } catch (IOException e) {
      return Look.unseen("the API server's clock: " + ApiReader.message(e));
    }
  }

  /** A date says that its second had begun: on average it is half a second old. */
  private static ClockReading between(
      String party, Instant says, Instant ours, Duration uncertain) {
    return new ClockReading(
        party, Duration.between(ours, says.plus(DATE.dividedBy(2))), DATE.plus(uncertain));
  }

  /** Pods' own, which are their nodes'. */
  static List<ClockReading> pods(Map<String, PodClock> dates) {
    List<ClockReading> all = new ArrayList<>();
    dates.forEach(
        (pod, read) -> all.add(between("Pod " + pod, read.says(), read.at(), Duration.ZERO)));
    return all;
  }

  /** Of nodes that are ready; the others' leases are old for another reason. */
  static Look<List<ClockReading>> nodes(Objects objects, Look<List<ApiObject>> leases, Instant at) {
    return leases.map(
        all -> {
          List<ClockReading> read = new ArrayList<>();
          for (ApiObject lease : all) {
            if (lease.namespace().equals(NODES)
                && objects
                    .find(Kind.NODE, "", lease.name())
                    .filter(Selecting::isReady)
                    .isPresent()) {
              node(lease, at).ifPresent(read::add);
            }
          }
          return read;
        });
  }

  private static Optional<ClockReading> node(ApiObject lease, Instant at) {
    try {
      Instant renewed = Instant.parse(lease.text("/spec/renewTime"));
      long every =
          Math.max(1, lease.at("/spec/leaseDurationSeconds").asInt(LEASE_SECONDS) / RENEWALS);
      Duration half = Duration.ofSeconds(every).dividedBy(2);
      return Optional.of(
          new ClockReading(
              "node/" + lease.name(), Duration.between(at, renewed).plus(half), half.plus(DATE)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
