package io.selvage.proxy.tcp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.accept.ConnectionStack;
import io.selvage.proxy.accept.VerifiedPeer;
import io.selvage.proxy.accept.WorkloadReports;
import io.selvage.proxy.extauthz.ExternalAuthorizers;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.proxy.upstream.Clusters;
import java.time.Duration;

/**
 * A TCP proxy at work.
 *
 * @param authorization decided once for each connection
 * @param authorizers who may be asked
 * @param cluster where to
 * @param idleTimeout zero: never
 */
public record TcpStack(
    CompiledAuthorization authorization,
    ExternalAuthorizers authorizers,
    Clusters.Slot cluster,
    Duration idleTimeout,
    Reporting reporting,
    WorkloadReports reports)
    implements ConnectionStack {
  @Override
  public void begin(ChannelHandlerContext at, VerifiedPeer peer) {
    at.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    at.channel().config().setAutoRead(false);
    at.pipeline().replace(at.handler(), "relay", new TcpRelay(this, peer));
  }
}
