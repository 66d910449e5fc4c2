package io.selvage.proxy.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The latest denials of a process, as many as it was made for; safe for use by many threads. */
public final class DenialRing {
  private final @Nullable Denial[] slots;
  private long added;

  /** A ring for this many denials, at least one. */
  public DenialRing(int capacity) {
    this.slots = new @Nullable Denial[Math.max(1, capacity)];
  }

  synchronized void add(Denial denial) {
    slots[(int) (added++ % slots.length)] = denial;
  }

  /** The latest denial of the request with this {@code x-request-id}. */
  public Optional<Denial> find(String requestId) {
    return latest(slots.length).stream()
        .filter(denial -> denial.requestId().equals(requestId))
        .findFirst();
  }

  /** The latest denials, newest first. */
  public synchronized List<Denial> latest(int count) {
    List<Denial> latest = new ArrayList<>();
    for (long i = added - 1; i >= 0 && i >= added - slots.length && latest.size() < count; i--) {
      Denial denial = slots[(int) (i % slots.length)];
      if (denial != null) {
        latest.add(denial);
      }
    }
    return latest;
  }

  /** How many denials there were since the start. */
  public synchronized long total() {
    return added;
  }
}
