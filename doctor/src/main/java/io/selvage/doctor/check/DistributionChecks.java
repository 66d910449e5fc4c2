package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.distribution.Acknowledged;
import io.selvage.doctor.check.distribution.Channel;
import io.selvage.doctor.check.distribution.Definitions;
import java.util.List;

/** Checks of how configuration is distributed (SLV70xx). */
public final class DistributionChecks {
  private DistributionChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(Acknowledged.CHECK, Channel.CHECK, Definitions.CHECK);
  }
}
