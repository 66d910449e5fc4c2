package io.selvage.proxy.upstream;

import io.netty.channel.EventLoop;
import io.selvage.proxy.http1.HeadBuffer;
import java.util.ArrayList;
import java.util.List;

/** The HTTP/2 connections to one endpoint on one event loop: one, until its streams are used up. */
final class Http2Pool {
  private final Endpoint endpoint;
  private final Connecting connecting;
  private final List<Http2UpstreamConnection> connections = new ArrayList<>(1);

  Http2Pool(Endpoint endpoint, Connecting connecting) {
    this.endpoint = endpoint;
    this.connecting = connecting;
  }

  UpstreamStream open(EventLoop loop, HeadBuffer head, BodyForm form, ResponseListener listener) {
    for (Http2UpstreamConnection connection : connections) {
      if (connection.hasRoom()) {
        return connection.open(head, form, listener);
      }
    }
    Http2UpstreamConnection connection = new Http2UpstreamConnection(endpoint, this);
    connections.add(connection);
    connecting.http2(loop, endpoint, connection);
    return connection.open(head, form, listener);
  }

  void remove(Http2UpstreamConnection connection) {
    connections.remove(connection);
  }

  void closeAll() {
    List.copyOf(connections).forEach(Http2UpstreamConnection::drain);
  }
}
