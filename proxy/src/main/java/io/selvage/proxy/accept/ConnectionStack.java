package io.selvage.proxy.accept;

import io.netty.channel.ChannelHandlerContext;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.telemetry.Reporting;

/** What a filter chain does with a connection whose peer is known: HTTP or plain TCP. */
public interface ConnectionStack {
  /** What decides on its connections or requests. */
  CompiledAuthorization authorization();

  /** Who hears of them. */
  Reporting reporting();

  /**
   * Takes the connection over: puts a handler in place of {@code at}. What was read and not yet
   * understood is fired through the pipeline afterwards.
   */
  void begin(ChannelHandlerContext at, VerifiedPeer peer);
}
