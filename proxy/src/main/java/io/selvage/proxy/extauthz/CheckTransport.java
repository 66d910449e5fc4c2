package io.selvage.proxy.extauthz;

import io.netty.channel.EventLoop;

/** The way to one authorizer. */
public interface CheckTransport {
  /** The largest answer that is taken, in bytes of its body. */
  int MAX_ANSWER_BYTES = 1024 * 1024;

  /**
   * Sends a call; for use on {@code loop}, where the listener hears of the end, once. That can be
   * before this method returns.
   */
  Sent send(CheckCall call, EventLoop loop, Listener listener);

  /** A call on its way. */
  interface Sent {
    /** Nobody waits for the answer any more; the listener hears nothing more. */
    void cancel();
  }

  /** Who waits for the answer. */
  interface Listener {
    /** It is there, complete. */
    void answered(CheckAnswer answer);

    /** It will not come. */
    void failed(String reason);
  }
}
