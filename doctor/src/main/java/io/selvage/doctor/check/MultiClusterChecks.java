package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of what is between clusters (SLV80xx). */
public final class MultiClusterChecks {
  private MultiClusterChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
