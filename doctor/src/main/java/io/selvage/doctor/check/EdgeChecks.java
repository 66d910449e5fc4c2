package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of gateways, egress, and proof against traffic (SLV90xx). */
public final class EdgeChecks {
  private EdgeChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
