package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of CA, roots and the certificates of workloads (SLV10xx). */
public final class CertificateChecks {
  private CertificateChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
