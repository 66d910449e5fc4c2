package io.selvage.proxy.telemetry;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one request: begun with its head, completed exactly once when the last byte of
 * the answer is out or the exchange broke off. One is reused for all requests of an HTTP/1.1
 * connection, one is made per stream in HTTP/2. Belongs to the connection's event loop.
 */
public final class RequestRecord {
  private final ConnectionRecord connection;
  private Headers requestHeaders = Headers.NONE;
  private Headers responseHeaders = Headers.NONE;
  private String protocol = "HTTP/1.1";
  private long startMillis;
  private long startNanos;
  private long requestEndNanos;
  private long responseStartNanos;
  private long durationNanos;
  private int status;
  private int grpcStatus;
  private int attempts;
  private int flags;
  private long bytesReceived;
  private long bytesSent;
  private @Nullable String upstreamHost;
  private @Nullable String upstreamCluster;
  private @Nullable SocketAddress upstreamLocalAddress;
  private @Nullable String routeName;
  private @Nullable String details;
  private @Nullable String transportFailure;
  private @Nullable String deniedRule;
  private @Nullable String tokenSubject;
  private @Nullable EdgeMetrics edge;
  private boolean denied;
  private boolean open;

  /** A record for requests of this connection; none is open yet. */
  public RequestRecord(ConnectionRecord connection) {
    this.connection = connection;
  }

  // ---- filled while open

  /**
   * A request's head is read.
   *
   * @param protocol {@code HTTP/1.1}, {@code HTTP/2}
   * @param requestHeaders valid until the request is completed
   * @param startMillis since 1970
   * @param startNanos for durations
   */
  public RequestRecord begin(
      String protocol, Headers requestHeaders, long startMillis, long startNanos) {
    this.protocol = protocol;
    this.requestHeaders = requestHeaders;
    this.responseHeaders = Headers.NONE;
    this.startMillis = startMillis;
    this.startNanos = startNanos;
    requestEndNanos = 0;
    responseStartNanos = 0;
    status = 0;
    grpcStatus = -1;
    attempts = 0;
    flags = 0;
    bytesReceived = 0;
    bytesSent = 0;
    upstreamHost = null;
    upstreamCluster = null;
    upstreamLocalAddress = null;
    routeName = null;
    details = null;
    transportFailure = null;
    deniedRule = null;
    tokenSubject = null;
    edge = null;
    denied = false;
    open = true;
    return this;
  }

  /** The route that was chosen, and whom to count the request for. */
  public RequestRecord route(@Nullable String routeName, String cluster, EdgeMetrics edge) {
    this.routeName = routeName;
    this.upstreamCluster = cluster;
    this.edge = edge;
    return this;
  }

  /** Whom to count a request for that has no route. */
  public RequestRecord edge(EdgeMetrics edge) {
    this.edge = edge;
    return this;
  }

  /** An attempt begins to reach this endpoint. */
  public RequestRecord upstream(String host) {
    this.upstreamHost = host;
    this.upstreamLocalAddress = null;
    attempts++;
    return this;
  }

  /** This side of the connection that answered. */
  public RequestRecord upstreamLocalAddress(@Nullable SocketAddress address) {
    this.upstreamLocalAddress = address;
    return this;
  }

  /** The request's last byte was read. */
  public RequestRecord requestEnded(long nowNanos) {
    this.requestEndNanos = nowNanos;
    return this;
  }

  /**
   * The answer's head, the upstream's or our own.
   *
   * @param headers valid until the request is completed
   */
  public RequestRecord response(int status, Headers headers, long nowNanos) {
    this.status = status;
    this.responseHeaders = headers;
    this.responseStartNanos = nowNanos;
    return this;
  }

  /** {@code grpc-status} of the trailers, or of the answer's head. */
  public RequestRecord grpcStatus(int code) {
    this.grpcStatus = code;
    return this;
  }

  /** {@code %RESPONSE_CODE_DETAILS%}; {@code via_upstream} when none is set. */
  public RequestRecord details(String text) {
    this.details = text;
    return this;
  }

  /** {@code %UPSTREAM_TRANSPORT_FAILURE_REASON%}. */
  public RequestRecord transportFailure(String text) {
    this.transportFailure = text;
    return this;
  }

  /** Something went other than planned. */
  public RequestRecord flag(ResponseFlag flag) {
    flags |= flag.bit();
    return this;
  }

  /** The request principal ({@code iss/sub}) of a valid token. */
  public RequestRecord tokenSubject(String principal) {
    this.tokenSubject = principal;
    return this;
  }

  /**
   * The request was denied, by policy or for its token.
   *
   * @param ruleId the rule, or empty when no ALLOW rule matched
   * @param details {@code rbac_access_denied_matched_policy[…]}, {@code jwt_authn_access_denied{…}}
   */
  public RequestRecord denied(String ruleId, String details) {
    this.denied = true;
    this.deniedRule = ruleId;
    this.details = details;
    return this;
  }

  /** Bytes of the request's body. */
  public void received(long bytes) {
    bytesReceived += bytes;
  }

  /** Bytes of the answer's body. */
  public void sent(long bytes) {
    bytesSent += bytes;
  }

  /** Whether a request has begun and is not completed. */
  public boolean isOpen() {
    return open;
  }

  /**
   * The end; reports it.
   *
   * @return false when none was open, which reports nothing
   */
  public boolean complete(long nowNanos) {
    if (!open) {
      return false;
    }
    open = false;
    durationNanos = nowNanos - startNanos;
    connection.reporting().requestCompleted(this);
    requestHeaders = Headers.NONE;
    responseHeaders = Headers.NONE;
    return true;
  }

  // ---- read by the reporters

  ConnectionRecord connection() {
    return connection;
  }

  Headers requestHeaders() {
    return requestHeaders;
  }

  Headers responseHeaders() {
    return responseHeaders;
  }

  String protocol() {
    return protocol;
  }

  long startMillis() {
    return startMillis;
  }

  /** From the first byte of the head to the last of the answer, milliseconds. */
  long durationMillis() {
    return durationNanos / 1_000_000;
  }

  long durationNanos() {
    return durationNanos;
  }

  /** Milliseconds until the request's last byte; -1 when it never came. */
  long requestDurationMillis() {
    return requestEndNanos == 0 ? -1 : (requestEndNanos - startNanos) / 1_000_000;
  }

  /** Milliseconds until the answer's first byte; -1 when it never came. */
  long responseDurationMillis() {
    return responseStartNanos == 0 ? -1 : (responseStartNanos - startNanos) / 1_000_000;
  }

  int status() {
    return status;
  }

  int grpcStatus() {
    return grpcStatus;
  }

  int attempts() {
    return attempts;
  }

  int flags() {
    return flags;
  }

  long bytesReceived() {
    return bytesReceived;
  }

  long bytesSent() {
    return bytesSent;
  }

  @Nullable String upstreamHost() {
    return upstreamHost;
  }

  @Nullable String upstreamCluster() {
    return upstreamCluster;
  }

  @Nullable String upstreamLocalAddress() {
    return upstreamLocalAddress == null ? null : ConnectionRecord.text(upstreamLocalAddress);
  }

  @Nullable String routeName() {
    return routeName;
  }

  @Nullable String details() {
    return details == null && status != 0 ? "via_upstream" : details;
  }

  @Nullable String transportFailure() {
    return transportFailure;
  }

  boolean isDenied() {
    return denied;
  }

  @Nullable String deniedRule() {
    return deniedRule;
  }

  @Nullable String tokenSubject() {
    return tokenSubject;
  }

  @Nullable EdgeMetrics edge() {
    return edge;
  }
}
