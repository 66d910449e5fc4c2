package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;

/** Where pieces of a body go. */
@FunctionalInterface
public interface BodySink {
  /** Takes the next bytes; their reference count is the taker's to release. */
  void accept(ByteBuf piece);
}
