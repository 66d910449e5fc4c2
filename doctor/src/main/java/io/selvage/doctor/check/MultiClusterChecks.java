package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.multicluster.Agreement;
import io.selvage.doctor.check.multicluster.CommonRoot;
import io.selvage.doctor.check.multicluster.Drift;
import io.selvage.doctor.check.multicluster.EastWest;
import io.selvage.doctor.check.multicluster.RemoteEndpoints;
import io.selvage.doctor.check.multicluster.RemoteSecretsValid;
import io.selvage.doctor.check.multicluster.Sameness;
import java.util.List;

/** Checks between clusters (SLV80xx). */
public final class MultiClusterChecks {
  private MultiClusterChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        CommonRoot.CHECK,
        RemoteSecretsValid.CHECK,
        EastWest.CHECK,
        RemoteEndpoints.CHECK,
        Drift.CHECK,
        Sameness.CHECK,
        Agreement.CHECK);
  }
}
