package io.selvage.proxy.upstream;

import io.netty.channel.EventLoop;
import io.selvage.proxy.http1.HeadBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** The HTTP/2 connections to one endpoint on one event loop: one, until its streams are used up. */
final class Http2Pool {
  private final Endpoint endpoint;
  private final Connecting connecting;
  private final LongSupplier nanoTime;
  private final List<Http2UpstreamConnection> connections = new ArrayList<>(1);

  Http2Pool(Endpoint endpoint, Connecting connecting, LongSupplier nanoTime) {
    this.endpoint = endpoint;
    this.connecting = connecting;
    this.nanoTime = nanoTime;
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
    UpstreamStream stream = connection.open(head, form, listener);
    if (endpoint.isRetired()) {
      connection.drain(); // the others have been told; this request was on its way here before
    }
    return stream;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** Closes what has had no request for longer than {@code nanos}. */
  void sweep(long nanos) {
    long now = now();
    for (Http2UpstreamConnection connection : List.copyOf(connections)) {
      if (connection.isIdle() && now - connection.idleSince() > nanos) {
        connection.drain();
      }
    }
  }

  void remove(Http2UpstreamConnection connection) {
    connections.remove(connection);
  }

  void closeAll() {
    List.copyOf(connections).forEach(Http2UpstreamConnection::drain);
  }
}
