package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.access.Clocks;
import io.selvage.doctor.check.access.ControlPlaneUp;
import io.selvage.doctor.check.access.MeshFound;
import io.selvage.doctor.check.access.MyRights;
import io.selvage.doctor.check.access.Reachable;
import io.selvage.doctor.check.access.VersionSkew;
import java.util.List;

/** Checks of what can be reached, and what is there (SLV00xx). */
public final class AccessChecks {
  private AccessChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        Reachable.check(),
        MyRights.check(),
        MeshFound.check(),
        Clocks.check(),
        ControlPlaneUp.check(),
        VersionSkew.check());
  }
}
