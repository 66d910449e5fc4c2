package io.selvage.xds.client;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.XdsType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stream to the control plane, in the words of one variant of xDS. */
interface AdsStream {
  Logger log = LoggerFactory.getLogger(AdsStream.class);

  /** The largest response: all listeners of a proxy, each with some 10,000 policies. */
  int MAX_RESPONSE_BYTES = 256 << 20;

  /** Takes what comes; on any thread, one at a time. */
  interface Receiver {
    void onDelta(
        XdsType type, String version, String nonce, List<Resource> resources, List<String> removed);

    void onWorld(XdsType type, String version, String nonce, List<Any> resources);

    /** The stream is over. */
    void onEnd(String why);
  }

  /**
   * The first request of a type.
   *
   * @param names none: all
   * @param versions that need not be sent again
   */
  void start(XdsType type, Set<String> names, Map<String, String> versions);

  /** Wants other names than before. */
  void change(XdsType type, Set<String> names, Collection<String> more, Collection<String> less);

  /** Answers a response; without an error it was taken. */
  void answer(
      XdsType type, Set<String> names, String version, String nonce, @Nullable String error);

  void close();

  static AdsStream open(
      boolean delta, ManagedChannel channel, Metadata headers, Node node, Receiver receiver) {
    var stub =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .withMaxInboundMessageSize(MAX_RESPONSE_BYTES)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    if (delta) {
      return new Delta(
          stub.deltaAggregatedResources(
              new Responses<DeltaDiscoveryResponse>(
                  response ->
                      known(response.getTypeUrl())
                          .ifPresent(
                              type ->
                                  receiver.onDelta(
                                      type,
                                      response.getSystemVersionInfo(),
                                      response.getNonce(),
                                      response.getResourcesList(),
                                      response.getRemovedResourcesList())),
                  receiver)),
          node);
    }
    return new World(
        stub.streamAggregatedResources(
            new Responses<DiscoveryResponse>(
                response ->
                    known(response.getTypeUrl())
                        .ifPresent(
                            type ->
                                receiver.onWorld(
                                    type,
                                    response.getVersionInfo(),
                                    response.getNonce(),
                                    response.getResourcesList())),
                receiver)),
        node);
  }

  /** Nobody subscribed to another type, so its responses are left aside, as Envoy does. */
  private static Optional<XdsType> known(String url) {
    Optional<XdsType> type = XdsType.ofUrl(url);
    if (type.isEmpty()) {
      log.warn(
          "SLV7301: a response of type {} that was not asked for is left aside",
          url.substring(0, Math.min(url.length(), 200)).replaceAll("\\p{Cntrl}", "?"));
    }
    return type;
  }

  private static Status refusal(String why) {
    return Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(why).build();
  }

  /** Hands responses on. */
  record Responses<R>(Consumer<R> onResponse, Receiver receiver) implements StreamObserver<R> {
    @Override
    public void onNext(R response) {
      onResponse.accept(response);
    }

    @Override
    public void onError(Throwable cause) {
      receiver.onEnd(io.grpc.Status.fromThrowable(cause).toString());
    }

    @Override
    public void onCompleted() {
      receiver.onEnd("the control plane ended the stream");
    }
  }

  /** Incremental xDS. */
  final class Delta implements AdsStream {
    private final StreamObserver<DeltaDiscoveryRequest> out;
    private @Nullable Node node;

    Delta(StreamObserver<DeltaDiscoveryRequest> out, Node node) {
      this.out = out;
      this.node = node;
    }

    private DeltaDiscoveryRequest.Builder request(XdsType type) {
      DeltaDiscoveryRequest.Builder to = DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url());
      Node first = node;
      node = null;
      return first == null ? to : to.setNode(first);
    }

    @Override
    public void start(XdsType type, Set<String> names, Map<String, String> versions) {
      out.onNext(
          request(type)
              .addAllResourceNamesSubscribe(names)
              .putAllInitialResourceVersions(versions)
              .build());
    }

    @Override
    public void change(
        XdsType type, Set<String> names, Collection<String> more, Collection<String> less) {
      out.onNext(
          request(type)
              .addAllResourceNamesSubscribe(more)
              .addAllResourceNamesUnsubscribe(less)
              .build());
    }

    @Override
    public void answer(
        XdsType type, Set<String> names, String version, String nonce, @Nullable String error) {
      DeltaDiscoveryRequest.Builder to = request(type).setResponseNonce(nonce);
      out.onNext(error == null ? to.build() : to.setErrorDetail(refusal(error)).build());
    }

    @Override
    public void close() {
      out.onCompleted();
    }
  }

  /** State-of-the-world xDS. */
  final class World implements AdsStream {
    private final StreamObserver<DiscoveryRequest> out;
    private final Map<XdsType, String> versions = new java.util.EnumMap<>(XdsType.class);
    private final Map<XdsType, String> nonces = new java.util.EnumMap<>(XdsType.class);
    private @Nullable Node node;

    World(StreamObserver<DiscoveryRequest> out, Node node) {
      this.out = out;
      this.node = node;
    }

    private DiscoveryRequest.Builder request(XdsType type, Set<String> names) {
      DiscoveryRequest.Builder to =
          DiscoveryRequest.newBuilder()
              .setTypeUrl(type.url())
              .addAllResourceNames(names)
              .setVersionInfo(versions.getOrDefault(type, ""))
              .setResponseNonce(nonces.getOrDefault(type, ""));
      Node first = node;
      node = null;
      return first == null ? to : to.setNode(first);
    }

    @Override
    public void start(XdsType type, Set<String> names, Map<String, String> ignored) {
      out.onNext(request(type, names).build());
    }

    @Override
    public void change(
        XdsType type, Set<String> names, Collection<String> more, Collection<String> less) {
      out.onNext(request(type, names).build());
    }

    @Override
    public void answer(
        XdsType type, Set<String> names, String version, String nonce, @Nullable String error) {
      nonces.put(type, nonce);
      if (error == null) {
        versions.put(type, version);
        out.onNext(request(type, names).build());
      } else {
        out.onNext(request(type, names).setErrorDetail(refusal(error)).build());
      }
    }

    @Override
    public void close() {
      out.onCompleted();
    }
  }
}
