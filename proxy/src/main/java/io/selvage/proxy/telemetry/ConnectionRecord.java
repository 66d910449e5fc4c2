package io.selvage.proxy.telemetry;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one downstream connection: filled while it is open, and for TCP completed
 * exactly once when it ends. The requests of an HTTP connection are told by {@link RequestRecord},
 * which refer to it. Belongs to the connection's event loop.
 */
public final class ConnectionRecord {
  private final Reporting reporting;
  private final long startMillis;
  private final long startNanos;
  private @Nullable SocketAddress remoteAddress;
  private @Nullable SocketAddress localAddress;
  private @Nullable String remoteText;
  private @Nullable String localText;
  private @Nullable String serverName;
  private @Nullable String peerPrincipal;
  private @Nullable String localPrincipal;
  private @Nullable String peerFingerprint;
  private @Nullable String peerSubject;
  private @Nullable String tlsVersion;
  private @Nullable String upstreamHost;
  private @Nullable String upstreamCluster;
  private @Nullable SocketAddress upstreamLocalAddress;
  private @Nullable String details;
  private @Nullable String terminationDetails;
  private @Nullable String transportFailure;
  private @Nullable String deniedRule;
  private @Nullable EdgeMetrics edge;
  private int flags;
  private long bytesReceived;
  private long bytesSent;
  private long durationNanos;
  private boolean denied;
  private boolean completed;

  /**
   * A connection that was just accepted.
   *
   * @param startMillis since 1970
   * @param startNanos {@link System#nanoTime()} or the like, for durations
   */
  public ConnectionRecord(Reporting reporting, long startMillis, long startNanos) {
    this.reporting = reporting;
    this.startMillis = startMillis;
    this.startNanos = startNanos;
  }

  // ---- filled while open

  /** Both ends of the downstream connection; {@code local} is what the client dialled. */
  public ConnectionRecord addresses(SocketAddress remote, SocketAddress local) {
    this.remoteAddress = remote;
    this.localAddress = local;
    return this;
  }

  /** SNI. */
  public ConnectionRecord serverName(@Nullable String name) {
    this.serverName = name;
    return this;
  }

  /**
   * Who is at the other end.
   *
   * @param principal URI SAN
   * @param fingerprint SHA-256 of the certificate in hexadecimal
   * @param subject RFC 2253 text
   */
  public ConnectionRecord peer(String principal, String fingerprint, String subject) {
    this.peerPrincipal = principal;
    this.peerFingerprint = fingerprint;
    this.peerSubject = subject;
    return this;
  }

  /** Who we are, and the TLS version ({@code TLSv1.3}). */
  public ConnectionRecord tls(String localPrincipal, String version) {
    this.localPrincipal = localPrincipal;
    this.tlsVersion = version;
    return this;
  }

  /** Where the bytes of a TCP connection go; for HTTP see {@link RequestRecord#upstream}. */
  public ConnectionRecord upstream(String cluster, @Nullable String host) {
    this.upstreamCluster = cluster;
    this.upstreamHost = host;
    return this;
  }

  /** This side of the connection to there. */
  public ConnectionRecord upstreamLocalAddress(@Nullable SocketAddress address) {
    this.upstreamLocalAddress = address;
    return this;
  }

  /** Something went other than planned. */
  public ConnectionRecord flag(ResponseFlag flag) {
    flags |= flag.bit();
    return this;
  }

  /** {@code %RESPONSE_CODE_DETAILS%} of a TCP connection. */
  public ConnectionRecord details(String text) {
    this.details = text;
    return this;
  }

  /** {@code %CONNECTION_TERMINATION_DETAILS%}: why we closed it. */
  public ConnectionRecord terminationDetails(String text) {
    this.terminationDetails = text;
    return this;
  }

  /** {@code %UPSTREAM_TRANSPORT_FAILURE_REASON%} of a TCP connection. */
  public ConnectionRecord transportFailure(String text) {
    this.transportFailure = text;
    return this;
  }

  /**
   * The connection was denied by policy.
   *
   * @param ruleId the rule; empty when no ALLOW rule matched
   * @param details {@code rbac_access_denied_matched_policy[…]}
   */
  public ConnectionRecord denied(String ruleId, String details) {
    this.denied = true;
    this.deniedRule = ruleId;
    this.terminationDetails = details;
    return this;
  }

  /** Bytes came from the client. */
  public void received(long bytes) {
    bytesReceived += bytes;
  }

  /** Bytes went to the client. */
  public void sent(long bytes) {
    bytesSent += bytes;
  }

  /** Whom to count a TCP connection for; the connection counts as opened now. */
  public ConnectionRecord edge(EdgeMetrics edge) {
    this.edge = edge;
    edge.connectionOpened();
    return this;
  }

  /**
   * The end of a TCP connection; reports it.
   *
   * @return false when it was completed before, which reports nothing
   */
  public boolean complete(long nowNanos) {
    if (completed) {
      return false;
    }
    completed = true;
    durationNanos = nowNanos - startNanos;
    reporting.connectionCompleted(this);
    return true;
  }

  // ---- read by the reporters

  Reporting reporting() {
    return reporting;
  }

  /** Start, in milliseconds since 1970. */
  public long startMillis() {
    return startMillis;
  }

  long durationMillis() {
    return durationNanos / 1_000_000;
  }

  @Nullable SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Nullable SocketAddress localAddress() {
    return localAddress;
  }

  @Nullable String remoteText() {
    if (remoteText == null && remoteAddress != null) {
      remoteText = text(remoteAddress);
    }
    return remoteText;
  }

  @Nullable String localText() {
    if (localText == null && localAddress != null) {
      localText = text(localAddress);
    }
    return localText;
  }

  @Nullable String serverName() {
    return serverName;
  }

  @Nullable String peerPrincipal() {
    return peerPrincipal;
  }

  @Nullable String localPrincipal() {
    return localPrincipal;
  }

  @Nullable String peerFingerprint() {
    return peerFingerprint;
  }

  @Nullable String peerSubject() {
    return peerSubject;
  }

  @Nullable String tlsVersion() {
    return tlsVersion;
  }

  @Nullable String upstreamHost() {
    return upstreamHost;
  }

  @Nullable String upstreamCluster() {
    return upstreamCluster;
  }

  @Nullable String upstreamLocalAddress() {
    return upstreamLocalAddress == null ? null : text(upstreamLocalAddress);
  }

  @Nullable String details() {
    return details;
  }

  @Nullable String terminationDetails() {
    return terminationDetails;
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

  @Nullable EdgeMetrics edge() {
    return edge;
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

  /** {@code 10.0.0.1:80}, {@code [::1]:80}. */
  static String text(SocketAddress address) {
    if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
      return host(inet.getAddress()) + ":" + inet.getPort();
    }
    return address.toString();
  }

  private static String host(InetAddress address) {
    String text = address.getHostAddress();
    return address instanceof Inet6Address ? "[" + text + "]" : text;
  }
}
