package io.selvage.it.istiod;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.XdsType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A stream of state-of-the-world xDS that hands on what istiod sends as it is. */
final class RawAds implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Node node;
  private final ManagedChannel channel;
  private final BlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
  private final StreamObserver<DiscoveryRequest> requests;

  /** As a sidecar. */
  RawAds(Istiod istiod, Workload workload) throws Exception {
    this(istiod, workload, "sidecar", Map.of());
  }

  /**
   * As a proxy of some kind.
   *
   * @param kind of its node: {@code sidecar}, {@code router}
   * @param more of its metadata
   */
  RawAds(Istiod istiod, Workload workload, String kind, Map<String, String> more) throws Exception {
    this.node = node(workload, kind, more);
    this.channel =
        NettyChannelBuilder.forAddress(
                "127.0.0.1",
                istiod.port(),
                TlsChannelCredentials.newBuilder()
                    .trustManager(
                        new ByteArrayInputStream(
                            istiod.roots().getBytes(StandardCharsets.US_ASCII)))
                    .build())
            .overrideAuthority(Istiod.SERVER_NAME)
            .build();
    Metadata headers = new Metadata();
    headers.put(
        AUTHORIZATION,
        "Bearer "
            + istiod
                .kube()
                .client()
                .istioToken(workload.namespace(), workload.account(), workload.name()));
    this.requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .streamAggregatedResources(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DiscoveryResponse response) {
                    responses.add(response);
                  }

                  @Override
                  public void onError(Throwable cause) {}

                  @Override
                  public void onCompleted() {}
                });
  }

  private static Node node(Workload workload, String kind, Map<String, String> more) {
    Struct.Builder metadata = Struct.newBuilder();
    metadata.putFields("ISTIO_VERSION", text("1.31.0"));
    metadata.putFields("NAMESPACE", text(workload.namespace()));
    metadata.putFields("NAME", text(workload.name()));
    metadata.putFields("SERVICE_ACCOUNT", text(workload.account()));
    metadata.putFields("CLUSTER_ID", text(Istiod.CLUSTER));
    metadata.putFields("MESH_ID", text(Istiod.TRUST_DOMAIN));
    metadata.putFields("INTERCEPTION_MODE", text("REDIRECT"));
    more.forEach((name, value) -> metadata.putFields(name, text(value)));
    return Node.newBuilder()
        .setId(
            "%s~%s~%s.%s~%s.svc.cluster.local"
                .formatted(
                    kind,
                    workload.address(),
                    workload.name(),
                    workload.namespace(),
                    workload.namespace()))
        .setMetadata(metadata)
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  /** The resources of one type; no names: all. */
  List<Any> get(XdsType type, Collection<String> names) throws InterruptedException {
    requests.onNext(
        DiscoveryRequest.newBuilder()
            .setNode(node)
            .setTypeUrl(type.url())
            .addAllResourceNames(names)
            .build());
    while (true) {
      DiscoveryResponse response = responses.poll(10, TimeUnit.SECONDS);
      if (response == null) {
        throw new AssertionError("istiod sends no " + type);
      }
      if (response.getTypeUrl().equals(type.url())) {
        return response.getResourcesList();
      }
    }
  }

  @Override
  public void close() {
    requests.onCompleted();
    channel.shutdownNow();
  }
}
