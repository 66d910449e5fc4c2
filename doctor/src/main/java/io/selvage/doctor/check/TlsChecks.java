package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of TLS on the wire (SLV20xx). */
public final class TlsChecks {
  private TlsChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
