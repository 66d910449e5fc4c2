package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of what can be reached, and what is there (SLV00xx). */
public final class AccessChecks {
  private AccessChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
