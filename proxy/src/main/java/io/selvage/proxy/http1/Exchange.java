package io.selvage.proxy.http1;

/**
 * What a response parser must know of the request that it answers.
 *
 * @param head the method was HEAD, so no body follows
 * @param connect the method was CONNECT, so a 2xx begins a tunnel
 * @param upgrade the request asked for an upgrade, so a 101 begins a tunnel
 */
public record Exchange(boolean head, boolean connect, boolean upgrade) {
  /** Any other request. */
  public static final Exchange PLAIN = new Exchange(false, false, false);

  private static final Exchange HEAD = new Exchange(true, false, false);
  private static final Exchange CONNECT = new Exchange(false, true, false);
  private static final Exchange UPGRADE = new Exchange(false, false, true);

  /** What matters of this request. */
  public static Exchange of(HeadBuffer request, boolean upgradeForwarded) {
    if (request.isMethod("HEAD")) {
      return HEAD;
    }
    if (request.isMethod("CONNECT")) {
      return CONNECT;
    }
    return upgradeForwarded ? UPGRADE : PLAIN;
  }
}
