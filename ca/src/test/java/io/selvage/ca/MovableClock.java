package io.selvage.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test moves by hand. */
public final class MovableClock implements InstantSource {
  public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private volatile Instant now;

  public MovableClock() {
    this(START);
  }

  public MovableClock(Instant now) {
    this.now = now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  public void advance(Duration by) {
    now = now.plus(by);
  }
}
