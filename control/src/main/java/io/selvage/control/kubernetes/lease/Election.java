package io.selvage.control.kubernetes.lease;

import io.selvage.control.kubernetes.lease.LeaseStore.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica's part in an election by a Lease, as {@code client-go} elects: by durations in its
 * own monotonic clock alone, so that the machines' clocks may differ as they like.
 *
 * <p>A replica follows another that it has seen not to renew for the lease's whole duration. The
 * one that leads stops a shorter time after it <em>began</em> its last successful renewal, by
 * itself, be it that it hangs, is cut off or was stopped for a while. What it finds in its own name
 * without having led until now (the store was put back to an earlier state) it treats like
 * another's; a Lease that vanished is vacant only after its duration.
 */
final class Election {
  private final LeaseStore store;
  private final String identity;
  private final Leadership.Times times;
  private final InstantSource wall;
  private final LongSupplier nanos;

  /** What was seen last, and since when; guarded by this, as all below but {@link #leading}. */
  private Optional<Stored> seen = Optional.empty();

  private long seenAt;
  private long lookedAt;
  private boolean hasLooked;
  private volatile @Nullable Term leading;

  /** Leading, until that time at the latest. */
  private record Term(long until) {}

  /**
   * Has not looked yet.
   *
   * @param wall for the times that a Lease shows to people
   * @param nanos by what durations are measured
   */
  Election(
      LeaseStore store,
      String identity,
      Leadership.Times times,
      InstantSource wall,
      LongSupplier nanos) {
    this.store = store;
    this.identity = identity;
    this.times = times;
    this.wall = wall;
    this.nanos = nanos;
  }

  /** Whether this replica leads at this moment. */
  boolean leads() {
    Term now = leading;
    return now != null && nanos.getAsLong() - now.until() < 0;
  }

  /**
   * Looks, and renews or takes the Lease where that is right.
   *
   * @throws RuntimeException when the store fails: a term that runs goes on to its end
   */
  synchronized void attempt() {
    Optional<Stored> found = store.read();
    long now = nanos.getAsLong();
    note(found, now);
    boolean mine = found.filter(this::isMine).isPresent();
    if (leads() && (mine || found.isEmpty())) {
      write(found);
    } else {
      leading = null;
      if (isVacant(found, now)) {
        write(found);
      }
    }
  }

  /** Since when it is as it is; after a long time without a look, nobody knows what it was. */
  private void note(Optional<Stored> found, long now) {
    boolean isFirst = !hasLooked;
    if (isFirst || !found.equals(seen) || now - lookedAt > times.lease().toNanos()) {
      seen = found;
      seenAt = isFirst && found.isEmpty() ? now - times.lease().toNanos() : now;
    }
    hasLooked = true;
    lookedAt = now;
  }

  private boolean isMine(Stored stored) {
    return stored.record().holder().equals(identity);
  }

  private boolean isVacant(Optional<Stored> found, long now) {
    Duration held = found.map(stored -> stored.record().duration()).orElse(times.lease());
    return found.filter(stored -> !stored.record().isHeld()).isPresent()
        || now - seenAt >= held.toNanos();
  }

  private void write(Optional<Stored> before) {
    long began = nanos.getAsLong();
    store.write(before, next(before));
    leading = new Term(began + times.renewal().toNanos());
  }

  private LeaseRecord next(Optional<Stored> before) {
    Instant now = wall.instant().truncatedTo(ChronoUnit.MICROS);
    if (before.isEmpty()) {
      return new LeaseRecord(identity, times.lease(), now, now, 0);
    }
    LeaseRecord is = before.get().record();
    boolean mine = isMine(before.get());
    return new LeaseRecord(
        identity,
        times.lease(),
        mine ? is.acquired() : now,
        // Others see by a change that it was renewed, so there must be one whatever the clock says.
        now.equals(is.renewed()) ? now.plus(1, ChronoUnit.MICROS) : now,
        is.transitions() + (mine ? 0 : 1));
  }

  /** Leads no more, and lets another follow at once. */
  synchronized void release() {
    boolean led = leads();
    leading = null;
    if (led) {
      Optional<Stored> found = store.read();
      if (found.filter(this::isMine).isPresent()) {
        LeaseRecord is = found.get().record();
        store.write(
            found,
            new LeaseRecord("", is.duration(), is.acquired(), is.renewed(), is.transitions()));
      }
    }
  }
}
