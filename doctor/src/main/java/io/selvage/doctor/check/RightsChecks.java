package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.rights.AccountBound;
import io.selvage.doctor.check.rights.BoundRoles;
import io.selvage.doctor.check.rights.CloudAgent;
import io.selvage.doctor.check.rights.CloudConditions;
import io.selvage.doctor.check.rights.ControlPlaneRights;
import io.selvage.doctor.check.rights.MeshWriters;
import java.util.List;

/** Checks of what the control plane may do, and others may not (SLV60xx). */
public final class RightsChecks {
  private RightsChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        ControlPlaneRights.check(),
        AccountBound.check(),
        BoundRoles.check(),
        CloudAgent.check(),
        CloudConditions.check(),
        MeshWriters.check());
  }
}
