package io.selvage.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.upstream.BodyForm;
import org.jspecify.annotations.Nullable;

/** The client's side of one request: where its body comes from and its answer goes. */
interface ClientStream {
  /** The loop on which everything about this request happens. */
  EventLoop loop();

  /** Whether the client speaks HTTP/2. */
  boolean isHttp2();

  /** Begins to hand the request's body on, in this form if it is chunked. */
  void readBody(BodyReader.Output output);

  /** Stops or goes on reading the request's body. */
  void pauseBody(boolean paused);

  /** Writes an informational head. */
  void informational(HeadBuffer head);

  /** Writes the head of the answer. */
  void head(HeadBuffer head, BodyForm form);

  /** Writes a piece of the answer; takes over the reference. */
  void data(ByteBuf piece);

  /** The answer is complete. */
  void end(@Nullable HeadBuffer trailers);

  /** The answer can't be completed: the client is to notice. */
  void abort();

  /** Lets what was written go out. */
  void flush();

  /** Whether more of the answer is welcome. */
  boolean isWritable();
}
