package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of webhooks and sidecars (SLV30xx). */
public final class InjectionChecks {
  private InjectionChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
