package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.edge.Egress;
import io.selvage.doctor.check.edge.GatewayCertificates;
import io.selvage.doctor.check.edge.LiveEdges;
import java.util.List;

/** Checks of a mesh's edges (SLV90xx). */
public final class EdgeChecks {
  private EdgeChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(GatewayCertificates.CHECK, Egress.VERIFIED, LiveEdges.CHECK, Egress.NARROW);
  }
}
