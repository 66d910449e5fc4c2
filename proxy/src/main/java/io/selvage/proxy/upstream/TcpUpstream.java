package io.selvage.proxy.upstream;

import io.netty.channel.ChannelInboundHandler;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;

/** Takes a connection whose bytes are relayed as they are. */
public interface TcpUpstream extends ChannelInboundHandler {
  /** There is no connection. */
  void connectFailed(Kind kind, Throwable cause);
}
