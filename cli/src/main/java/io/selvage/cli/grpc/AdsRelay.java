package io.selvage.cli.grpc;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Passes ADS streams on to the control plane byte for byte, each on a connection of its own that
 * proves the workload's identity. When the control plane goes, so does the stream: the library
 * keeps what it has and comes again.
 */
final class AdsRelay {
  private static final int MAX_MESSAGE_BYTES = 256 << 20;

  private final Supplier<Optional<ManagedChannel>> controlPlane;

  /**
   * A relay.
   *
   * @param controlPlane a fresh connection, ended with the stream; empty while there is no identity
   */
  AdsRelay(Supplier<Optional<ManagedChannel>> controlPlane) {
    this.controlPlane = controlPlane;
  }

  ServerServiceDefinition service() {
    var world = bytes(AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod());
    var delta = bytes(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());
    return ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
        .addMethod(world, (client, _) -> relay(client, world))
        .addMethod(delta, (client, _) -> relay(client, delta))
        .build();
  }

  private static MethodDescriptor<byte[], byte[]> bytes(MethodDescriptor<?, ?> method) {
    return method.toBuilder(Unread.BYTES, Unread.BYTES).build();
  }

  private ServerCall.Listener<byte[]> relay(
      ServerCall<byte[], byte[]> client, MethodDescriptor<byte[], byte[]> method) {
    Optional<ManagedChannel> channel = controlPlane.get();
    if (channel.isEmpty()) {
      client.close(
          Status.UNAVAILABLE.withDescription("the workload has no certificate yet"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return new Stream(client, channel.get(), method).begin();
  }

  /** One stream: on each side a message is asked for when the other side has taken the last. */
  private static final class Stream extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> client;
    private final ManagedChannel channel;
    private final ClientCall<byte[], byte[]> control;

    Stream(
        ServerCall<byte[], byte[]> client,
        ManagedChannel channel,
        MethodDescriptor<byte[], byte[]> method) {
      this.client = client;
      this.channel = channel;
      this.control =
          channel.newCall(
              method, CallOptions.DEFAULT.withMaxInboundMessageSize(MAX_MESSAGE_BYTES));
    }

    ServerCall.Listener<byte[]> begin() {
      control.start(new Answers(), new Metadata());
      client.sendHeaders(new Metadata());
      control.request(1);
      client.request(1);
      return this;
    }

    @Override
    public void onMessage(byte[] message) {
      control.sendMessage(message);
      client.request(1);
    }

    @Override
    public void onHalfClose() {
      control.halfClose();
    }

    @Override
    public void onCancel() {
      control.cancel("the client is gone", null);
      channel.shutdownNow();
    }

    /** What comes from the control plane. */
    private final class Answers extends ClientCall.Listener<byte[]> {
      @Override
      public void onMessage(byte[] message) {
        client.sendMessage(message);
        control.request(1);
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        client.close(status.isOk() ? Status.UNAVAILABLE : status, new Metadata());
        channel.shutdownNow();
      }
    }
  }

  /** Messages as they are. */
  private enum Unread implements MethodDescriptor.Marshaller<byte[]> {
    BYTES;

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
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
