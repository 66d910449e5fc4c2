package io.selvage.cli.agent;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.selvage.cli.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes ADS streams of both variants on to the control plane, byte for byte, each on a connection
 * of its own that proves the workload's identity. When the control plane's side ends, so does the
 * proxy's: it keeps what it has and comes again.
 */
final class AdsRelay {
  /** A large mesh's clusters may be one message. */
  private static final int MAX_MESSAGE_BYTES = 256 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(AdsRelay.class);

  private final Callable<ManagedChannel> controlPlane;

  /**
   * @param controlPlane makes a connection; may throw {@link IOException} and {@link UserError}
   *     when there is no way
   */
  AdsRelay(Callable<ManagedChannel> controlPlane) {
    this.controlPlane = controlPlane;
  }

  ServerServiceDefinition service() {
    var world = bytes(AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod());
    var delta = bytes(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());
    return ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
        .addMethod(world, handler(world))
        .addMethod(delta, handler(delta))
        .build();
  }

  private static MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<?, ?> method) {
    return method.toBuilder(Bytes.AS_THEY_ARE, Bytes.AS_THEY_ARE).build();
  }

  private ServerCallHandler<byte[], byte[]> handler(MethodDescriptor<byte[], byte[]> method) {
    return (proxy, headers) -> {
      ManagedChannel channel;
      try {
        channel = controlPlane.call();
      } catch (Exception e) {
        LOG.warn("SLV7002 the proxy hears nothing from the control plane: {}", e.getMessage());
        proxy.close(
            Status.UNAVAILABLE.withDescription("the agent has no way: " + e.getMessage()),
            new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return new Stream(proxy, channel, method).begin();
    };
  }

  /**
   * One stream, both sides of it. A message is asked for on one side when the other takes one: at
   * once, or when it is ready again.
   */
  private static final class Stream extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> proxy;
    private final ManagedChannel channel;
    private final ClientCall<byte[], byte[]> control;

    /** The proxy's side has ended: nothing is written to it any more. */
    private volatile boolean gone;

    Stream(
        ServerCall<byte[], byte[]> proxy,
        ManagedChannel channel,
        MethodDescriptor<byte[], byte[]> method) {
      this.proxy = proxy;
      this.channel = channel;
      this.control =
          channel.newCall(method, CallOptions.DEFAULT.withMaxInboundMessageSize(MAX_MESSAGE_BYTES));
    }

    ServerCall.Listener<byte[]> begin() {
      control.start(new FromControl(), new Metadata());
      proxy.sendHeaders(new Metadata());
      proxy.request(1);
      control.request(1);
      return this;
    }

    @Override
    public void onMessage(byte[] message) {
      control.sendMessage(message);
      if (control.isReady()) {
        proxy.request(1);
      }
    }

    @Override
    public void onHalfClose() {
      control.halfClose();
    }

    @Override
    public void onCancel() {
      gone = true;
      control.cancel("the proxy is gone", null);
      channel.shutdownNow();
    }

    @Override
    public void onComplete() {
      gone = true;
      channel.shutdownNow();
    }

    @Override
    public void onReady() {
      control.request(1);
    }

    private final class FromControl extends ClientCall.Listener<byte[]> {
      @Override
      public void onMessage(byte[] message) {
        proxy.sendMessage(message);
        if (proxy.isReady()) {
          control.request(1);
        }
      }

      @Override
      public void onReady() {
        proxy.request(1);
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        LOG.info("the control plane's stream ended: {}", status);
        if (!gone) {
          proxy.close(status, trailers);
        }
        channel.shutdownNow();
      }
    }
  }

  /** Messages as they are. */
  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    AS_THEY_ARE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try (stream) {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
