package io.selvage.proxy.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is thrown while a connection is served. A peer that resets, or whose TLS records do not
 * decrypt, is everyday life; anything else is a mistake of this proxy, which is told with its trace
 * so that no outcome is swallowed.
 */
public final class ConnectionFaults {
  /** The proxy made a mistake, and closed the connection. */
  public static final String CODE = "SLV2030";

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionFaults.class);

  private ConnectionFaults() {}

  /**
   * Logs a fault.
   *
   * @return whether it is this proxy's own
   */
  public static boolean isOurs(Channel channel, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("{}: {}", channel, cause.toString());
      return false;
    }
    LOG.error(
        "{} the connection {} is closed by a mistake of this proxy: please report it with the trace",
        CODE,
        channel,
        cause);
    return true;
  }
}
