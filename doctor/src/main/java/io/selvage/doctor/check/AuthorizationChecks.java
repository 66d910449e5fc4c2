package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of policies and what they do (SLV40xx). */
public final class AuthorizationChecks {
  private AuthorizationChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
