package io.selvage.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.XdsType;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.NodeDescription;
import io.selvage.xds.client.ProxyConfig;
import io.selvage.xds.client.Scheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a control plane says to our proxies on one stream of incremental xDS: each response of a
 * type that was asked for is answered once, and its configuration goes on whole or not at all.
 */
public final class AdsClientTarget implements FuzzTarget {
  private static final int MOST_MESSAGES = 20;

  @Override
  public String name() {
    return "ads-client";
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    List<DeltaDiscoveryResponse> talk = new ArrayList<>();
    for (SidecarResources.Golden golden : SidecarResources.all()) {
      Resource resource =
          Resource.newBuilder()
              .setName(golden.name())
              .setVersion("1")
              .setResource(golden.any())
              .build();
      DeltaDiscoveryResponse response =
          DeltaDiscoveryResponse.newBuilder()
              .setTypeUrl(golden.type().url())
              .addResources(resource)
              .build();
      talk.add(response);
      seeds.add(Frames.join(List.of(response, gone(golden), response)));
    }
    seeds.add(Frames.join(talk));
    return seeds;
  }

  private static DeltaDiscoveryResponse gone(SidecarResources.Golden golden) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(golden.type().url())
        .addRemovedResources(golden.name())
        .addRemovedResources("nobody")
        .build();
  }

  @Override
  public List<String> words() {
    List<String> words = new ArrayList<>(new XdsResourceTarget().words());
    for (XdsType type : XdsType.values()) {
      words.add(type.url());
    }
    return words;
  }

  @Override
  public void run(byte[] input) {
    String name = InProcessServerBuilder.generateName();
    ControlPlane plane = new ControlPlane();
    Server server = start(name, plane);
    List<ProxyConfig> configs = new ArrayList<>();
    AdsClient client =
        new AdsClient(
            new NodeDescription("sidecar~10.0.0.1~a.b~b.svc.cluster.local", "a.b", Map.of()),
            AdsClient.Connection.delta(
                () -> InProcessChannelBuilder.forName(name).directExecutor().build()),
            NEVER,
            InstantSource.fixed(Instant.EPOCH),
            new Random(1),
            configs::add);
    try {
      client.start();
      int nonce = 0;
      for (byte[] message : Frames.split(input, MOST_MESSAGES)) {
        nonce += plane.say(message, nonce) ? 1 : 0;
      }
      assertThat(client.state().connectedSince().isPresent()).isEqualTo(!plane.answered.isEmpty());
      assertThat(plane.answered).containsAll(plane.expected).doesNotHaveDuplicates();
    } finally {
      client.close();
      server.shutdownNow();
    }
  }

  /** Time stands still. */
  private static final Scheduler NEVER = (delay, run) -> () -> {};

  private static Server start(String name, ControlPlane plane) {
    try {
      return InProcessServerBuilder.forName(name)
          .directExecutor()
          .addService(plane)
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says what it is told to, each time under a nonce of its own, and notes what is answered. */
  private static final class ControlPlane extends AggregatedDiscoveryServiceImplBase {
    private final Set<String> asked = new HashSet<>();
    private final Set<String> expected = new HashSet<>();
    private final List<String> answered = new ArrayList<>();
    private @Nullable StreamObserver<DeltaDiscoveryResponse> out;

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      out = responses;
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          asked.add(request.getTypeUrl());
          if (!request.getResponseNonce().isEmpty()) {
            answered.add(request.getResponseNonce());
          }
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }

    boolean say(byte[] message, int nonce) {
      DeltaDiscoveryResponse response;
      try {
        response =
            DeltaDiscoveryResponse.parseFrom(message).toBuilder().setNonce("n" + nonce).build();
      } catch (InvalidProtocolBufferException e) {
        return false; // gRPC's own decoder refuses it
      }
      if (asked.contains(response.getTypeUrl())) {
        expected.add(response.getNonce());
      }
      Objects.requireNonNull(out, "the client has not come").onNext(response);
      return true;
    }
  }
}
