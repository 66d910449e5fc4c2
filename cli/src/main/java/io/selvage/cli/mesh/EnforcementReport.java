package io.selvage.cli.mesh;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Tells when a change of a cluster's configuration is in force at all of its proxies. */
final class EnforcementReport {

  private static final Duration STEP = Duration.ofMillis(2);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final String prefix;
  private final MeshEvent.Listener events;
  private final InstantSource clock;
  private long awaited;
  private Instant readAt = Instant.EPOCH;

  EnforcementReport(String prefix, MeshEvent.Listener events, InstantSource clock) {
    this.prefix = prefix;
    this.events = events;
    this.clock = clock;
  }

  /** A configuration was read that differs from the one before. */
  synchronized void read(long generation) {
    awaited = generation;
    readAt = clock.instant();
  }

  /**
   * A configuration was handed to the proxies.
   *
   * @param synced whether all have taken it
   */
  synchronized void pushed(long generation, BooleanSupplier synced, LongSupplier proxies) {
    if (awaited == 0 || generation < awaited) {
      return;
    }
    awaited = 0;
    Instant since = readAt;
    Thread.ofVirtual()
        .name("selvage-enforcement")
        .start(() -> await(generation, since, synced, proxies));
  }

  private void await(long generation, Instant since, BooleanSupplier synced, LongSupplier proxies) {
    try {
      while (!synced.getAsBoolean()) {
        if (Duration.between(since, clock.instant()).compareTo(LONGEST) > 0) {
          events.warning(
              "%sconfiguration %d is not in force everywhere after %d s; see selvage status"
                  .formatted(prefix, generation, LONGEST.toSeconds()));
          return;
        }
        Thread.sleep(STEP);
      }
      events.good(
          "%sconfiguration %d is in force at %d proxies, %d ms after it was read"
              .formatted(
                  prefix,
                  generation,
                  proxies.getAsLong(),
                  Duration.between(since, clock.instant()).toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
