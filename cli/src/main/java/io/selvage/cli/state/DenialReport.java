package io.selvage.cli.state;

import java.time.Instant;
import java.util.List;

/**
 * Why a request or connection was denied: the answer to {@code selvage why}, and with {@code -o
 * json} its contract.
 *
 * @param requestId {@code x-request-id}; empty for a TCP connection
 * @param workload whose proxy denied it, {@code cluster/namespace/name}
 * @param status what the client got; 0 for a TCP connection, which was closed
 * @param reason one sentence: what decided
 * @param policy {@code namespace/name} of the policy that decided; empty when none did
 * @param rule index of its rule; -1 when none did
 * @param at where that is written, {@code file:line}; empty when nothing is
 * @param details as the access log has them
 * @param trace the rule that decided, or of the ALLOW rules that did not match the one that came
 *     nearest, by today's policies; without fields when there is none
 * @param caller SPIFFE id; empty on plaintext
 * @param token {@code issuer/subject} of a valid token; empty without
 */
public record DenialReport(
    String apiVersion,
    String requestId,
    Instant time,
    String workload,
    int status,
    String reason,
    String policy,
    int rule,
    String at,
    String details,
    Trace trace,
    String method,
    String authority,
    String path,
    String caller,
    String callerAddress,
    String token,
    String dialled,
    String serverName) {

  /**
   * A rule against the request, as {@code selvage prove explain} has it.
   *
   * @param rule the rule in words, with its place; empty when there is none
   * @param fields in the order written
   */
  public record Trace(String rule, List<Field> fields) {
    /** No rule. */
    public static final Trace NONE = new Trace("", List.of());

    public Trace {
      fields = List.copyOf(fields);
    }
  }

  /**
   * One field of such a rule.
   *
   * @param name {@code to.paths}
   * @param values as written
   * @param actual what the request had; {@code not kept} where that is not remembered
   * @param verdict {@code match}, {@code no match}, or {@code unknown} when it is not kept
   * @param at {@code :17} in the rule's file, or a whole location
   * @param hint what is likely meant; may be empty
   */
  public record Field(
      String name, String values, String actual, String verdict, String at, String hint) {}

  /** The request in a line. */
  public String request() {
    return method.isEmpty() ? "a connection to " + dialled : method + " " + authority + path;
  }
}
