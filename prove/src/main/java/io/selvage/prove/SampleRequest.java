package io.selvage.prove;

import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RecordedRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One concrete connection and, on HTTP, its request: what a witness is, and what {@code explain} is
 * asked of.
 *
 * @param protocol HTTP or plain TCP; on TCP the fields of HTTP are empty
 * @param principal the caller's URI; empty on plaintext
 * @param source the other end of the connection
 * @param remote the client by {@code X-Forwarded-For}, when it is another than {@code source}
 * @param destination the address that was dialled
 * @param port the workload's own
 * @param serverName SNI
 * @param host {@code :authority}
 * @param path normalised, without query
 * @param headers each with one value; a name may come twice
 * @param claims of the verified token; empty without one
 */
public record SampleRequest(
    Protocol protocol,
    Optional<String> principal,
    InetAddress source,
    Optional<InetAddress> remote,
    InetAddress destination,
    int port,
    Optional<String> serverName,
    String method,
    String host,
    String path,
    List<RecordedRequest.Header> headers,
    Optional<Map<String, Object>> claims) {
  public SampleRequest {
    headers = List.copyOf(headers);
  }

  /** The connection as the evaluators take it. */
  public ConnectionFacts connection() {
    return new ConnectionFacts(principal, source, destination, port, serverName);
  }

  /** The request as the evaluators take it; empty on TCP. */
  public Optional<RecordedRequest> request() {
    return protocol == Protocol.TCP
        ? Optional.empty()
        : Optional.of(new RecordedRequest(method, host, path, headers, remote, claims));
  }
}
