package io.selvage.control.kubernetes.lease;

import java.time.Duration;
import java.time.Instant;

/**
 * What a Lease says.
 *
 * @param holder empty: nobody
 * @param duration for how long it holds after each renewal, in whole seconds
 * @param acquired when its holder got it, by the holder's clock: for people to read
 * @param renewed when it was last renewed, by the holder's clock: a sign that it was renewed, and
 *     never compared with another machine's clock
 * @param transitions how often it went from one holder to another
 */
record LeaseRecord(
    String holder, Duration duration, Instant acquired, Instant renewed, int transitions) {
  boolean isHeld() {
    return !holder.isEmpty();
  }
}
