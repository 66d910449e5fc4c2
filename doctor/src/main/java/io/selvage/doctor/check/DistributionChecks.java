package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of whether configuration reaches proxies (SLV70xx). */
public final class DistributionChecks {
  private DistributionChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
