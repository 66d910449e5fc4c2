package io.selvage.doctor.check;

import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.util.Map;

/** Probes of a fixture's workload sample/httpbin. */
final class Probes {
  private Probes() {}

  static ProbeOutcome probe(
      Purpose purpose, String from, String result, Map<String, String> details) {
    return new ProbeOutcome(
        purpose,
        from,
        new ProbeOutcome.Target("sample", "httpbin"),
        8080,
        "GET /headers",
        result,
        details);
  }
}
