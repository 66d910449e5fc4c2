package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of what the control plane may do (SLV60xx). */
public final class RightsChecks {
  private RightsChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
