package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.LogLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How often something was logged, and whether it goes on.
 *
 * @param lines that tell of it, at least one
 * @param window how long the logs were read for
 */
public record Occurrences(List<LogLine> lines, Duration window) {
  private static final int OFTEN = 3;
  private static final Duration RECENT = Duration.ofMinutes(10);
  private static final Duration LASTING = Duration.ofMinutes(1);

  public Occurrences {
    lines = List.copyOf(lines);
  }

  public int count() {
    return lines.size();
  }

  /** The first of those whose time is known. */
  public Optional<Instant> first() {
    return lines.stream().flatMap(line -> line.time().stream()).min(Instant::compareTo);
  }

  /** The last of those whose time is known. */
  public Optional<Instant> last() {
    return lines.stream().flatMap(line -> line.time().stream()).max(Instant::compareTo);
  }

  /**
   * It goes on: at least three times, over at least a minute, and the last within ten minutes. Less
   * is what starts, restarts and rotations leave behind. Lines without times count as going on.
   */
  public boolean isPersistent(Instant now) {
    if (count() < OFTEN) {
      return false;
    }
    Optional<Instant> last = last();
    if (last.isEmpty()) {
      return true;
    }
    Instant first = first().orElseThrow();
    return last.get().isAfter(now.minus(RECENT))
        && Duration.between(first, last.get()).compareTo(LASTING) >= 0;
  }

  /** {@code 214x in 60 min, last at 12:04:01Z}. */
  @Override
  public String toString() {
    return "%dx in %d min%s"
        .formatted(
            count(),
            Math.max(1, window.toMinutes()),
            last().map(at -> ", last at " + at).orElse(""));
  }
}
