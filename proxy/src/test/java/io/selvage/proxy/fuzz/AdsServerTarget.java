package io.selvage.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.XdsType;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.NodeAuthenticator;
import io.selvage.xds.server.NodeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a proxy says to the control plane on one stream of incremental xDS: answered, or ended with
 * a status that says why; nobody is sent what is not of the type that was asked for.
 */
public final class AdsServerTarget implements FuzzTarget {
  private static final int MOST_MESSAGES = 20;
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.PERMISSION_DENIED,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.CANCELLED);

  private final NodeSnapshot snapshot =
      NodeSnapshot.of(
          SidecarResources.all().stream()
              .map(golden -> EncodedResource.of(golden.type(), golden.name(), golden.any()))
              .toList());

  @Override
  public String name() {
    return "ads-server";
  }

  @Override
  public List<byte[]> seeds() {
    Node node =
        Node.newBuilder()
            .setId("sidecar~10.0.0.1~httpbin.sample~sample.svc.cluster.local")
            .setMetadata(Struct.getDefaultInstance())
            .build();
    List<DeltaDiscoveryRequest> talk = new ArrayList<>();
    for (XdsType type : XdsType.values()) {
      DeltaDiscoveryRequest ask =
          DeltaDiscoveryRequest.newBuilder()
              .setNode(node)
              .setTypeUrl(type.url())
              .addResourceNamesSubscribe("a")
              .build();
      talk.add(ask);
      talk.add(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(type.url())
              .setResponseNonce("1")
              .addResourceNamesUnsubscribe("a")
              .addResourceNamesSubscribe("*")
              .putInitialResourceVersions("b", "1")
              .build());
      talk.add(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(type.url())
              .setResponseNonce("2")
              .setErrorDetail(com.google.rpc.Status.newBuilder().setCode(3).setMessage("no"))
              .build());
    }
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(Frames.join(talk));
    for (int i = 0; i < talk.size(); i += 3) {
      seeds.add(Frames.join(talk.subList(i, i + 3)));
    }
    return seeds;
  }

  @Override
  public List<String> words() {
    List<String> words = new ArrayList<>(List.of("*", "sidecar~", "~", "1", "\52\1\61", "\32\1*"));
    for (XdsType type : XdsType.values()) {
      words.add(type.url());
    }
    return words;
  }

  @Override
  public void run(byte[] input) {
    String name = InProcessServerBuilder.generateName();
    AdsServer ads =
        new AdsServer(
            _ -> snapshot,
            NodeAuthenticator.trusting(),
            InstantSource.fixed(Instant.EPOCH),
            Runnable::run,
            new AdsServer.Options(true, 10));
    Server server = start(name, ads);
    ManagedChannel channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    try {
      Heard heard = new Heard();
      StreamObserver<DeltaDiscoveryRequest> requests =
          AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(heard);
      for (byte[] message : Frames.split(input, MOST_MESSAGES)) {
        if (heard.status == null) {
          say(requests, message);
          ads.push();
        }
      }
      if (heard.status != null) {
        assertThat(heard.status.getCode()).as("%s", heard.status).isIn(REFUSALS);
        assertThat(heard.status.getDescription()).isNotBlank();
      }
      for (DeltaDiscoveryResponse response : heard.responses) {
        response
            .getResourcesList()
            .forEach(
                resource ->
                    assertThat(resource.getResource().getTypeUrl())
                        .isEqualTo(response.getTypeUrl()));
      }
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private static void say(StreamObserver<DeltaDiscoveryRequest> requests, byte[] message) {
    try {
      requests.onNext(DeltaDiscoveryRequest.parseFrom(message));
    } catch (InvalidProtocolBufferException e) {
      return; // gRPC's own decoder refuses it
    }
  }

  private static Server start(String name, AdsServer ads) {
    try {
      return InProcessServerBuilder.forName(name)
          .directExecutor()
          .addService(ads.service())
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Heard implements StreamObserver<DeltaDiscoveryResponse> {
    private final List<DeltaDiscoveryResponse> responses = new ArrayList<>();
    private @org.jspecify.annotations.Nullable Status status;

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable cause) {
      status = Status.fromThrowable(cause);
    }

    @Override
    public void onCompleted() {
      status = Status.OK;
    }
  }
}
