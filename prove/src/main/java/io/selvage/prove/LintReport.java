package io.selvage.prove;

import java.util.List;

/**
 * What is odd about a mesh's policies.
 *
 * @param plaintext what callers without an identity may do, at each place where they may do
 *     anything
 * @param assumes what the answer rests on, in sentences
 */
public record LintReport(
    List<LintFinding> findings,
    List<ReachReport.Reach> plaintext,
    List<Inconclusive> inconclusive,
    List<String> assumes,
    Effort effort) {
  public LintReport {
    findings = List.copyOf(findings);
    plaintext = List.copyOf(plaintext);
    inconclusive = List.copyOf(inconclusive);
    assumes = List.copyOf(assumes);
  }
}
