package io.selvage.proxy.http;

import io.netty.channel.ChannelInboundHandlerAdapter;

/** A client's connection that speaks HTTP/2. */
final class Http2Downstream extends ChannelInboundHandlerAdapter {
  Http2Downstream(HttpSession session) {}
}
