package io.selvage.doctor;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a check says.
 *
 * @param code the check's
 * @param context the cluster's; empty for what is between clusters
 * @param summary one line: what is seen against what is expected
 * @param objects what it is about
 * @param evidence what was read, and how
 * @param cause why it is so, when that is known
 * @param effect what it breaks
 * @param since when it began, when that is known
 * @param next the next command or step
 * @param fix what mends it
 * @param forWantOfProbes whether it is unknown only since no requests were to be sent
 */
public record Result(
    String code,
    Status status,
    Optional<String> context,
    String summary,
    List<ObjectRef> objects,
    List<Fact> evidence,
    Confidence confidence,
    Optional<String> cause,
    Optional<String> effect,
    Optional<Instant> since,
    Optional<String> next,
    Optional<Fix> fix,
    boolean forWantOfProbes) {

  /**
   * One thing that was read.
   *
   * @param text as it is to be shown; without secrets
   * @param source by which call, such as {@code GET
   *     mutatingwebhookconfigurations/istio-sidecar-injector}
   */
  public record Fact(String text, String source) {}
}
