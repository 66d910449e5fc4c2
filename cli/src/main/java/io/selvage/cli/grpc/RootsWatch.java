package io.selvage.cli.grpc;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the control plane for the mesh's roots ({@code ROOTCA}) in the workload's name, since a gRPC
 * library knows roots only as a file. It says that the workload has them when the library has had
 * the time to read them: a new root may sign from then on.
 */
final class RootsWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RootsWatch.class);
  private static final Duration AGAIN = Duration.ofSeconds(2);

  private final Node node;
  private final Supplier<Optional<ManagedChannel>> controlPlane;
  private final Receiver receiver;
  private final Duration untilRead;
  private final ScheduledExecutorService timer;
  private @Nullable ManagedChannel channel;
  private boolean closed;

  /** Where roots go. */
  @FunctionalInterface
  interface Receiver {
    /** Roots that count from now on; returns whether they are others than before. */
    boolean accept(TrustBundle roots) throws IOException;
  }

  /**
   * A watch that begins with {@link #start}.
   *
   * @param untilRead how long it takes a library to read new files
   */
  RootsWatch(
      Node node,
      Supplier<Optional<ManagedChannel>> controlPlane,
      Receiver receiver,
      Duration untilRead,
      ScheduledExecutorService timer) {
    this.node = node;
    this.controlPlane = controlPlane;
    this.receiver = receiver;
    this.untilRead = untilRead;
    this.timer = timer;
  }

  /** Asks, and asks again whenever the stream is lost. */
  synchronized void start() {
    Optional<ManagedChannel> fresh = closed ? Optional.empty() : controlPlane.get();
    if (fresh.isEmpty()) {
      return;
    }
    channel = fresh.get();
    var stream = new Stream();
    stream.requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(stream);
    stream.say(request().setNode(node).build());
  }

  private static DiscoveryRequest.Builder request() {
    return DiscoveryRequest.newBuilder()
        .setTypeUrl(XdsType.SECRET.url())
        .addResourceNames(TlsSettings.TRUST_BUNDLE);
  }

  private void later(Duration delay, Runnable task) {
    try {
      var _ = timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed meanwhile", e);
    }
  }

  private synchronized void lost() {
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
    if (!closed) {
      later(AGAIN, this::start);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
  }

  /** One stream's life. */
  private final class Stream implements StreamObserver<DiscoveryResponse> {
    private @Nullable StreamObserver<DiscoveryRequest> requests;
    private boolean ended;

    @Override
    public void onNext(DiscoveryResponse response) {
      DiscoveryRequest.Builder answer =
          request().setVersionInfo(response.getVersionInfo()).setResponseNonce(response.getNonce());
      try {
        Duration delay = take(response) ? untilRead : Duration.ZERO;
        later(delay, () -> say(answer.build()));
      } catch (IOException e) {
        LOG.error("SLV7002 the new roots cannot be written: {}; the old ones stay", e.toString());
        say(
            answer
                .setErrorDetail(
                    com.google.rpc.Status.newBuilder().setMessage(String.valueOf(e.getMessage())))
                .build());
      }
    }

    private boolean take(DiscoveryResponse response) throws IOException {
      var parsed = ResourceParser.parse(XdsType.SECRET, response.getResourcesList());
      if (!parsed.isGood()) {
        throw new IOException(ParseResult.describe(parsed.problems()));
      }
      boolean others = false;
      for (var resource : parsed.good().values()) {
        if (resource instanceof Secret.Validation roots) {
          others |= receiver.accept(roots.roots());
        }
      }
      return others;
    }

    synchronized void say(DiscoveryRequest request) {
      if (requests != null && !ended) {
        requests.onNext(request);
      }
    }

    private synchronized void end() {
      ended = true;
    }

    @Override
    public void onError(Throwable cause) {
      LOG.debug("the stream for roots was lost", cause);
      end();
      lost();
    }

    @Override
    public void onCompleted() {
      end();
      lost();
    }
  }
}
