package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import java.util.List;

/** Checks of tokens, of workloads and of requests (SLV50xx). */
public final class TokenChecks {
  private TokenChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of();
  }
}
