package io.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.XdsType;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A delta xDS client that acknowledges everything, unless told to refuse. */
final class AdsClient implements AutoCloseable {
  private final StreamObserver<DeltaDiscoveryRequest> requests;
  private final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
  private final Map<String, Resource> held = new ConcurrentHashMap<>();
  private final Node node;
  volatile boolean refusing;

  AdsClient(ManagedChannel channel, String name, String namespace, String... features) {
    node =
        Node.newBuilder()
            .setId(
                "sidecar~10.0.0.2~%s.%s~%s.svc.cluster.local".formatted(name, namespace, namespace))
            .setMetadata(
                Struct.newBuilder()
                    .putFields("CLUSTER_ID", Value.newBuilder().setStringValue("east").build()))
            .addAllClientFeatures(java.util.List.of(features))
            .build();
    requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .deltaAggregatedResources(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DeltaDiscoveryResponse response) {
                    answer(response);
                  }

                  @Override
                  public void onError(Throwable cause) {}

                  @Override
                  public void onCompleted() {}
                });
  }

  /** Asks for a type: all of it, or these names. */
  AdsClient subscribe(XdsType type, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setNode(node)
            .setTypeUrl(type.url())
            .addAllResourceNamesSubscribe(java.util.List.of(names))
            .build());
    return this;
  }

  private void answer(DeltaDiscoveryResponse response) {
    DeltaDiscoveryRequest.Builder answer =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce());
    if (refusing) {
      answer.setErrorDetail(com.google.rpc.Status.newBuilder().setCode(3).setMessage("no thanks"));
    } else {
      response.getResourcesList().forEach(resource -> held.put(resource.getName(), resource));
      response.getRemovedResourcesList().forEach(held::remove);
    }
    send(answer.build());
    responses.add(response);
  }

  private synchronized void send(DeltaDiscoveryRequest request) {
    requests.onNext(request);
  }

  /** Waits until a resource is held whose bytes, read as text, are as wanted. */
  void await(String name, Predicate<String> wanted) throws InterruptedException {
    while (!held(name).filter(wanted).isPresent()) {
      assertThat(responses.poll(20, TimeUnit.SECONDS)).as(name + " as it should be").isNotNull();
    }
  }

  /** Waits until a resource is taken back. */
  void awaitNone(String name) throws InterruptedException {
    while (held(name).isPresent()) {
      assertThat(responses.poll(20, TimeUnit.SECONDS)).as(name + " taken back").isNotNull();
    }
  }

  /** Waits for the next response. */
  DeltaDiscoveryResponse next() throws InterruptedException {
    DeltaDiscoveryResponse response = responses.poll(20, TimeUnit.SECONDS);
    assertThat(response).as("a response").isNotNull();
    return response;
  }

  java.util.Optional<String> held(String name) {
    return java.util.Optional.ofNullable(held.get(name))
        .map(resource -> resource.getResource().getValue().toStringUtf8());
  }

  @Override
  public void close() {
    synchronized (this) {
      requests.onCompleted();
    }
  }
}
