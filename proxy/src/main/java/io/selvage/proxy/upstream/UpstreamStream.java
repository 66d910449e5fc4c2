package io.selvage.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.http1.HeadBuffer;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** One request on its way out, its head already written. For use on its event loop alone. */
public interface UpstreamStream {
  /** Sends a piece of the body in the form that was announced; takes over the reference. */
  void data(ByteBuf piece);

  /** The request is complete. */
  void end(@Nullable HeadBuffer trailers);

  /** Lets what was written go out. */
  void flush();

  /** Whether more of the body is welcome; false too until the connection is there. */
  boolean isWritable();

  /** This side of the connection; null until there is one. */
  @Nullable SocketAddress localAddress();

  /** Stops or goes on reading the answer. */
  void pauseResponse(boolean paused);

  /** Nobody waits for the answer any more; the listener hears nothing more. */
  void cancel();
}
