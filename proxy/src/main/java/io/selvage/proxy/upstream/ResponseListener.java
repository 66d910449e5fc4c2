package io.selvage.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.http1.HeadBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Who gets an answer. All calls come on the event loop of the connection; after {@link #onEnd} or
 * {@link #onFailure} there are no more.
 */
public interface ResponseListener {
  /**
   * Most informational heads that one answer may have: nobody holds them back for a client that
   * doesn't read.
   */
  int MAX_INFORMATIONAL = 16;

  /** An informational head (1xx). */
  void onInformational(HeadBuffer head);

  /**
   * The answer begins; {@code head} is valid, and may be edited, until the call returns.
   *
   * @param form how the body will come; the end is told by {@link #onEnd} in any case
   */
  void onHead(HeadBuffer head, BodyForm form);

  /** A piece of the body; the listener releases it. */
  void onData(ByteBuf piece);

  /** The answer is complete. */
  void onEnd(@Nullable HeadBuffer trailers);

  /** What was read at once has been handed on: the moment to flush. */
  void onReadComplete();

  /** {@link UpstreamStream#isWritable} has changed. */
  void onWritabilityChanged();

  /** No more will come. */
  void onFailure(UpstreamFailure failure);
}
