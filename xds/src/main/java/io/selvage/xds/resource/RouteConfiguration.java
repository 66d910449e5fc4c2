package io.selvage.xds.resource;

import io.selvage.policy.StringMatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which cluster a request goes to ({@code envoy.config.route.v3.RouteConfiguration}).
 *
 * @param name unique
 * @param virtualHosts by domain
 * @param ignorePortInHost the port of Host doesn't count in domain matching
 */
public record RouteConfiguration(
    String name, List<VirtualHost> virtualHosts, boolean ignorePortInHost) implements XdsResource {
  /**
   * Routes of some hosts.
   *
   * @param name for logs
   * @param domains exact, {@code *.suffix}, {@code prefix.*} or {@code *}; exact before the longest
   *     suffix before the longest prefix before all
   * @param routes the first match wins
   */
  public record VirtualHost(String name, List<String> domains, List<Route> routes) {}

  /**
   * One route.
   *
   * @param name for logs
   * @param path which paths
   * @param headers all must match
   * @param action what is done
   */
  public record Route(String name, PathMatch path, List<HeaderMatch> headers, Action action) {}

  /** A test on the path. */
  public sealed interface PathMatch {
    /** Starts with; {@code /} is all. */
    record Prefix(String value) implements PathMatch {}

    /** Equal. */
    record Exact(String value) implements PathMatch {}
  }

  /**
   * A test on a header.
   *
   * @param name lower-case, or {@code :method}, {@code :authority}
   * @param match on its value
   */
  public record HeaderMatch(String name, StringMatch match) {}

  /** What is done with a request. */
  public sealed interface Action {
    /**
     * Sends it on.
     *
     * @param cluster where to
     * @param timeout for the whole response; zero: none
     * @param retry when to try again
     * @param maxStreamDuration bound on the stream's life; empty: none
     */
    record Forward(
        String cluster,
        Duration timeout,
        Optional<RetryPolicy> retry,
        Optional<Duration> maxStreamDuration)
        implements Action {}

    /**
     * Answers it here.
     *
     * @param status HTTP status
     * @param body text
     */
    record Respond(int status, String body) implements Action {}
  }

  /**
   * When a request is tried again on another endpoint.
   *
   * @param retryOn Envoy's words: {@code connect-failure}, {@code refused-stream}, {@code
   *     unavailable}, {@code cancelled}, {@code retriable-status-codes}, {@code reset}, {@code
   *     reset-before-request}
   * @param retries how many more times
   * @param retriableStatusCodes for {@code retriable-status-codes}
   */
  public record RetryPolicy(
      List<String> retryOn, int retries, List<Integer> retriableStatusCodes) {}
}
