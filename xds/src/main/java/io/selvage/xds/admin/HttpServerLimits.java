package io.selvage.xds.admin;

/**
 * The limits of the JDK's HTTP server, which knows them as system properties only, and reads them
 * once: {@link #set} has to come before the process' first server. A user's own settings win.
 */
public final class HttpServerLimits {
  static {
    System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", "5");
    System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", "60");
    System.getProperties().putIfAbsent("jdk.httpserver.maxConnections", "1000");
  }

  private HttpServerLimits() {}

  /** Five seconds for a request, a minute for its answer, a thousand connections to a server. */
  public static void set() {
    // the class is loaded, which is all
  }
}
