package io.selvage.doctor;

import java.util.List;
import java.util.Optional;

/**
 * A result in its place among the others.
 *
 * @param result what a check said
 * @param check which
 * @param explains results that come of this one, and go when it goes
 * @param ignored the users' reason to let it be
 */
public record Finding(
    Result result, CheckInfo check, List<Finding> explains, Optional<Ignored.Entry> ignored) {
  public Finding {
    explains = List.copyOf(explains);
  }

  /** Whether somebody has to look at it: it failed or warns, and is not let be. */
  public boolean isOpen() {
    return ignored.isEmpty() && (result.status() == Status.FAIL || result.status() == Status.WARN);
  }
}
