package io.selvage.policy;

import java.util.List;

/**
 * A node of the policy tree: a predicate over one connection and one request. Istio's {@code
 * AuthorizationPolicy} and Envoy's {@code rbac.v3.RBAC} both translate into it.
 *
 * <p>A matcher on an HTTP attribute is false on a connection that carries no HTTP, and a matcher on
 * an attribute that the request lacks is false; {@link Not} of it is therefore true (Istio: "DENY +
 * notPrincipals: ["*"]" denies plaintext).
 */
public sealed interface Matcher {
  /** Always true. */
  record Always() implements Matcher {}

  /** Never true: what could not be understood in an ALLOW, or an empty set of rules. */
  record Never() implements Matcher {}

  /** All of {@code parts}; true when there is none. */
  record And(List<Matcher> parts) implements Matcher {}

  /** Any of {@code parts}; false when there is none. */
  record Or(List<Matcher> parts) implements Matcher {}

  /** Not {@code part}. */
  record Not(Matcher part) implements Matcher {}

  // What the connection knows.

  /** The peer's URI SAN, {@code spiffe://…} included, verified by mTLS; false without one. */
  record PeerPrincipal(StringMatch match) implements Matcher {}

  /** The peer presented a verified certificate (Envoy's {@code authenticated: {}}). */
  record PeerAuthenticated() implements Matcher {}

  /** The address at the other end of the TCP connection ({@code direct_remote_ip}). */
  record SourceIp(Cidr block) implements Matcher {}

  /** The client's address by trusted hops of X-Forwarded-For, else the direct one. */
  record RemoteIp(Cidr block) implements Matcher {}

  /** The address that the client dialled. */
  record DestinationIp(Cidr block) implements Matcher {}

  /** The workload's port, {@code first..last} inclusive, 0..65535. */
  record DestinationPort(int first, int last) implements Matcher {}

  /** The server name that the client sent in its TLS hello. */
  record ServerName(StringMatch match) implements Matcher {}

  // What the request says. False on plain TCP.

  /** {@code :authority} as sent, port included; false when absent, see {@link Reading}. */
  record Host(StringMatch match) implements Matcher {}

  /** {@code :method}. */
  record Method(StringMatch match) implements Matcher {}

  /** The path after normalisation, without query and fragment. */
  record Path(StringMatch match) implements Matcher {}

  /** The path after normalisation, by Istio's {@code {*}} and {@code {**}} template. */
  record PathTemplateMatch(PathTemplate template) implements Matcher {}

  /**
   * A header, by its lower-case name. Values of repeated headers are matched joined with a comma
   * and one by one, so that a second header can't hide the first (CVE-2020-25017, CVE-2026-26308):
   * which of the two counts is decided by the {@link Reading}. {@code :authority}, {@code host} and
   * {@code :method} are {@link Host} and {@link Method}; {@code :path} is the raw target with its
   * query. Other pseudo headers ({@code :scheme}) are not told here, so true or false by the {@link
   * Reading}.
   */
  record Header(String name, StringMatch match) implements Matcher {
    /** Whether this engine is never told what the header is. */
    boolean isUntold() {
      return name.startsWith(":") && !name.equals(":path");
    }
  }

  /**
   * A value in the verified JWT's payload, by the path of claims ({@code ["aud"]}, {@code ["realm",
   * "roles"]}); a list matches when an element does. False without a verified token.
   */
  record Claim(List<String> path, StringMatch match) implements Matcher {}

  /**
   * Any other dynamic metadata of a filter, a list matching when an element does; unknown to this
   * engine, so true or false by the {@link Reading}: it never lets a request through.
   */
  record FilterMetadata(String filter, List<String> path, StringMatch match) implements Matcher {}
}
