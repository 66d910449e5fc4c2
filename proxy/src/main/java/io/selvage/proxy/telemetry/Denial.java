package io.selvage.proxy.telemetry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request or connection that was denied, with the facts that the decision rested on. Values of
 * headers are not kept, since they may be secrets.
 *
 * @param requestId {@code x-request-id}; empty for a TCP connection
 * @param time when it began
 * @param workload whose proxy denied it, {@code namespace/name}
 * @param status what the client got; 0 for a TCP connection, which was closed
 * @param ruleId the rule that decided; empty when no ALLOW rule matched
 * @param details response-code details
 * @param sourcePrincipal URI SAN of the caller; empty on plaintext
 * @param sourceAddress address and port of the caller
 * @param destinationAddress address and port that was dialled
 * @param serverName SNI, or empty
 * @param method method, or empty
 * @param authority host, or empty
 * @param path path as policy saw it, with query, or empty
 * @param requestPrincipal {@code iss/sub} of a valid token, or empty
 */
public record Denial(
    String requestId,
    Instant time,
    String workload,
    int status,
    String ruleId,
    String details,
    String sourcePrincipal,
    String sourceAddress,
    String destinationAddress,
    String serverName,
    String method,
    String authority,
    String path,
    String requestPrincipal) {
  private static final int LONGEST = 1024;

  static Denial of(RequestRecord request, String workload) {
    ConnectionRecord connection = request.connection();
    Headers headers = request.requestHeaders();
    return new Denial(
        text(headers.first("x-request-id")),
        Instant.ofEpochMilli(request.startMillis()),
        workload,
        request.status(),
        text(request.deniedRule()),
        text(request.details()),
        text(connection.peerPrincipal()),
        text(connection.remoteText()),
        text(connection.localText()),
        text(connection.serverName()),
        text(headers.first(":method")),
        text(headers.first(":authority")),
        text(headers.first(":path")),
        text(request.tokenSubject()));
  }

  static Denial of(ConnectionRecord connection, String workload) {
    return new Denial(
        "",
        Instant.ofEpochMilli(connection.startMillis()),
        workload,
        0,
        text(connection.deniedRule()),
        text(connection.terminationDetails()),
        text(connection.peerPrincipal()),
        text(connection.remoteText()),
        text(connection.localText()),
        text(connection.serverName()),
        "",
        "",
        "",
        "");
  }

  private static String text(@Nullable CharSequence value) {
    if (value == null) {
      return "";
    }
    return value.length() > LONGEST ? value.subSequence(0, LONGEST).toString() : value.toString();
  }
}
