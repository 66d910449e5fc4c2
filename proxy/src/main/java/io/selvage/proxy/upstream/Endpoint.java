package io.selvage.proxy.upstream;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.tls.ClientTls;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One address of a cluster, and the connections to it. What belongs to one event loop is touched by
 * that loop alone.
 */
public final class Endpoint {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final InetSocketAddress address;
  private final int weight;
  private final @Nullable ClientTls tls;
  private final ClusterLoadAssignment.Workload workload;
  private final Upstreams upstreams;
  private final Connecting connecting;
  private final Http1Pool[] http1;
  private final Http2Pool[] http2;
  private final AtomicInteger active = new AtomicInteger();
  private final Outliers.@Nullable Answers answers;
  private final Reachability reachability;
  private @Nullable Channel probe;
  private volatile boolean retired;
  private volatile ClientTls.Payload payload = ClientTls.Payload.HTTP1;

  Endpoint(
      InetSocketAddress address,
      int weight,
      @Nullable ClientTls tls,
      ClusterLoadAssignment.Workload workload,
      Upstreams upstreams,
      Connecting connecting) {
    this(address, weight, tls, workload, upstreams, connecting, null, () -> {});
  }

  /**
   * One whose answers decide whether it is used.
   *
   * @param answers null: it is used in any case
   * @param changed is called when connections to it begin to be met with silence, and when one
   *     comes about again
   */
  Endpoint(
      InetSocketAddress address,
      int weight,
      @Nullable ClientTls tls,
      ClusterLoadAssignment.Workload workload,
      Upstreams upstreams,
      Connecting connecting,
      Outliers.@Nullable Answers answers,
      Runnable changed) {
    this.answers = answers;
    this.reachability = new Reachability(upstreams.nanoTime(), changed);
    this.address = address;
    this.weight = weight;
    this.tls = tls;
    this.workload = workload;
    this.upstreams = upstreams;
    this.connecting = connecting;
    this.http1 = new Http1Pool[upstreams.loops().count()];
    this.http2 = new Http2Pool[upstreams.loops().count()];
    for (int i = 0; i < http1.length; i++) {
      http1[i] =
          new Http1Pool(this, connecting, upstreams.loops().all().get(i), upstreams.nanoTime());
      http2[i] = new Http2Pool(this, connecting, upstreams.nanoTime());
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** Its share, 1... */
  public int weight() {
    return weight;
  }

  /** How it is reached; null: plaintext. */
  public @Nullable ClientTls tls() {
    return tls;
  }

  /** Who it is, for telemetry. */
  public ClusterLoadAssignment.Workload workload() {
    return workload;
  }

  /** Requests and connections under way, all loops together. */
  public AtomicInteger active() {
    return active;
  }

  /** It has answered with that status; for bytes that are not understood, 200: it connected. */
  public void answered(int status) {
    if (answers != null) {
      answers.answered(status);
    }
  }

  /** It has not answered. */
  public void failed() {
    answered(503);
  }

  /** Whether it is not to be used for now, because it fails. */
  boolean isSetAside() {
    return answers != null && answers.isAside();
  }

  /** Whether connections to it come about. */
  Reachability reachability() {
    return reachability;
  }

  /** What its last connection was made for. */
  ClientTls.Payload payload() {
    return payload;
  }

  /** A connection to it is about to be made. */
  void connectsFor(ClientTls.Payload kind) {
    payload = kind;
  }

  /** By this connection it is seen whether it takes any; on the first loop. */
  void isProbedBy(Channel channel) {
    probe = channel;
    unwatched(
        channel
            .closeFuture()
            .addListener(
                closed -> {
                  if (channel.equals(probe)) {
                    probe = null;
                  }
                }));
  }

  /** Sees, when it is time, whether it takes connections. */
  void tryAgain() {
    if (!retired && reachability.isToBeTried()) {
      connecting.probe(this);
    }
  }

  /** How it has answered, or null when nobody asks. */
  Outliers.@Nullable Answers answers() {
    return answers;
  }

  /** Sends a request over HTTP/1.1, on an idle connection if there is one. */
  UpstreamStream http1(
      EventLoop loop,
      HeadBuffer head,
      BodyForm form,
      Exchange exchange,
      BodyReader.Output output,
      ResponseListener listener) {
    Http1Pool pool = http1[upstreams.loops().indexOf(loop)];
    Http1Upstream connection = pool.take();
    if (connection == null && connecting.limit() != null) {
      return pool.await(new Http1Waiting(pool, head, form, exchange, output, listener));
    }
    if (connection == null) {
      connection = new Http1Upstream(this, pool);
      connecting.http1(loop, this, connection);
    }
    connection.send(head, form, exchange, output, listener);
    return connection;
  }

  /** Sends a request over HTTP/2. */
  UpstreamStream http2(EventLoop loop, HeadBuffer head, BodyForm form, ResponseListener listener) {
    return http2[upstreams.loops().indexOf(loop)].open(loop, head, form, listener);
  }

  /** Opens a connection of its own, for bytes that are not understood. */
  public void tcp(EventLoop loop, TcpUpstream upstream) {
    connecting.tcp(loop, this, upstream);
  }

  /** Whether it is no longer configured: its connections end with the request they carry. */
  boolean isRetired() {
    return retired;
  }

  /** Lets idle connections go, and the others when they are done. */
  void retire() {
    retired = true;
    onEachLoop(
        i -> {
          http1[i].closeAll();
          http2[i].closeAll();
          if (i == 0 && probe != null) {
            unwatched(probe.close());
          }
        });
  }

  /** Closes connections that were idle for a minute. */
  void sweep() {
    onEachLoop(
        i -> {
          http1[i].sweep(IDLE_NANOS);
          http2[i].sweep(IDLE_NANOS);
        });
  }

  private void onEachLoop(java.util.function.IntConsumer task) {
    for (int i = 0; i < http1.length; i++) {
      int index = i;
      EventLoop loop = upstreams.loops().all().get(index);
      if (!loop.isShuttingDown()) {
        loop.execute(() -> task.accept(index));
      }
    }
  }

  @Override
  public String toString() {
    return address.getAddress() == null
        ? address.toString()
        : address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
