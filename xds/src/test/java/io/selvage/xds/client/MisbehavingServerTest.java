package io.selvage.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.ManualScheduler;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.XdsResource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against a control plane that says what no control plane should. */
class MisbehavingServerTest {
  private final ControlPlane controlPlane = new ControlPlane();
  private final List<ProxyConfig> configs = new ArrayList<>();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final String name = UUID.randomUUID().toString();
  private Server server;
  private AdsClient client;
  private ConfigListener listener = configs::add;

  /** Says what it is told to, and keeps what it hears. */
  private static final class ControlPlane extends AggregatedDiscoveryServiceImplBase {
    private final List<DeltaDiscoveryRequest> heard = new ArrayList<>();
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile @Nullable StreamObserver<DeltaDiscoveryResponse> out;

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      out = responses;
      asked.countDown();
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          heard.add(request);
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }

    void say(String type, String nonce, Resource... resources) {
      say(
          DeltaDiscoveryResponse.newBuilder()
              .setTypeUrl(type)
              .setNonce(nonce)
              .addAllResources(List.of(resources))
              .build());
    }

    void say(DeltaDiscoveryResponse response) {
      Objects.requireNonNull(out, "nobody asked yet").onNext(response);
    }

    DeltaDiscoveryRequest answerTo(String nonce) {
      return heard.stream()
          .filter(request -> request.getResponseNonce().equals(nonce))
          .findFirst()
          .orElseThrow();
    }
  }

  @BeforeEach
  void start() throws Exception {
    server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(controlPlane)
            .build()
            .start();
    client =
        client(
            () -> InProcessChannelBuilder.forName(name).directExecutor().build(),
            config -> listener.onConfig(config));
    client.start();
    controlPlane.say(XdsType.CLUSTER.url(), "c0");
    controlPlane.say(XdsType.LISTENER.url(), "l0");
    assertThat(configs).containsExactly(ProxyConfig.EMPTY);
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdownNow();
  }

  @Test
  void aTypeThatWasNotAskedForIsLeftAside() {
    controlPlane.say("type.googleapis.com/envoy.config.nonsense.v9.Nonsense", "n", resource("x"));

    assertThat(controlPlane.heard).noneMatch(request -> request.getResponseNonce().equals("n"));
    controlPlane.say(XdsType.CLUSTER.url(), "c1", fixed("a"));
    assertThat(configs.getLast().clusters()).containsOnlyKeys("a");
  }

  @Test
  void oneNameTwiceInOneResponseIsRefused() {
    controlPlane.say(XdsType.CLUSTER.url(), "c1", fixed("a"), fixed("a"));

    assertThat(controlPlane.answerTo("c1").getErrorDetail().getMessage())
        .contains("a")
        .contains("comes twice");
    assertThat(configs).hasSize(1);
  }

  @Test
  void aResourceUnderAnotherNameOrOfAnotherTypeOrWithoutContentIsRefused() {
    Resource renamed = fixed("a").toBuilder().setName("b").build();
    Resource route =
        resource("a").toBuilder().setResource(ResourceEncoder.encode(Sidecar.routes("a"))).build();

    int nonce = 0;
    for (Resource bad : List.of(renamed, route, resource("a"))) {
      controlPlane.say(XdsType.CLUSTER.url(), "n" + ++nonce, bad);
      assertThat(controlPlane.answerTo("n" + nonce).hasErrorDetail()).isTrue();
    }
    assertThat(configs).hasSize(1);
  }

  @Test
  void everyReasonIsToldAndOneGoodAmongThemDoesNotCount() {
    List<Resource> sent = new ArrayList<>(List.of(fixed("good")));
    for (int i = 0; i < 5; i++) {
      sent.add(garbage("bad" + i));
    }
    controlPlane.say(XdsType.CLUSTER.url(), "c1", sent.toArray(new Resource[0]));

    assertThat(controlPlane.answerTo("c1").getErrorDetail().getMessage())
        .contains("bad0", "bad1", "bad2", "bad3", "bad4")
        .doesNotContain("good");
    assertThat(configs).hasSize(1);
    controlPlane.say(XdsType.CLUSTER.url(), "c2", fixed("other"));
    assertThat(controlPlane.answerTo("c2").hasErrorDetail())
        .as("what is bad and was not taken back is still bad")
        .isTrue();
  }

  @Test
  void whatNobodyNamesIsTakenAndNotUsed() {
    controlPlane.say(
        XdsType.ROUTES.url(),
        "r1",
        resource("8000").toBuilder()
            .setResource(ResourceEncoder.encode(Sidecar.routes("8000")))
            .build());

    assertThat(controlPlane.answerTo("r1").hasErrorDetail()).isFalse();
    assertThat(configs.getLast().routes()).isEmpty();
  }

  @Test
  void aDefectOfTheUserIsARefusalAndTheNextConfigurationIsTriedAgain() {
    listener =
        config -> {
          throw new IllegalStateException("no file descriptor left");
        };
    controlPlane.say(XdsType.CLUSTER.url(), "c1", fixed("a"));
    assertThat(controlPlane.answerTo("c1").getErrorDetail().getMessage())
        .contains("SLV7301")
        .contains("no file descriptor left");

    listener = configs::add;
    controlPlane.say(XdsType.CLUSTER.url(), "c2", fixed("b"));
    assertThat(controlPlane.answerTo("c2").hasErrorDetail()).isFalse();
    assertThat(configs.getLast().clusters()).containsOnlyKeys("a", "b");
  }

  @Test
  void aRemovalOfWhatIsNotThereChangesNothing() {
    controlPlane.say(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(XdsType.LISTENER.url())
            .setNonce("l1")
            .addRemovedResources("never heard of")
            .build());

    assertThat(controlPlane.answerTo("l1").hasErrorDetail()).isFalse();
    assertThat(configs).hasSize(1);
  }

  @Test
  void aChannelThatCannotBeOpenedIsTriedAgain() {
    boolean[] broken = {true};
    AdsClient other =
        client(
            () -> {
              if (broken[0]) {
                throw new IllegalStateException("the certificate cannot be used");
              }
              return InProcessChannelBuilder.forName(name).directExecutor().build();
            },
            config -> {});
    try {
      other.start();
      assertThat(other.state().lastError().orElseThrow().text())
          .contains("SLV7002")
          .contains("the certificate cannot be used");
      int before = controlPlane.heard.size();
      broken[0] = false;
      scheduler.pass(Duration.ofMillis(1300));
      assertThat(controlPlane.heard).hasSizeGreaterThan(before);
    } finally {
      other.close();
    }
  }

  @Test
  void aResponseOfManyMegabytesIsRead() throws Exception {
    ControlPlane large = new ControlPlane();
    Server overTcp =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(large)
            .build()
            .start();
    CountDownLatch taken = new CountDownLatch(1);
    AdsClient reader =
        client(
            () ->
                AdsClient.shape(
                        NettyChannelBuilder.forAddress(
                            InetAddress.getLoopbackAddress().getHostAddress(), overTcp.getPort()))
                    .usePlaintext()
                    .directExecutor()
                    .build(),
            config -> {
              if (!config.clusters().isEmpty()) {
                taken.countDown();
              }
            });
    try {
      reader.start();
      assertThat(large.asked.await(60, TimeUnit.SECONDS)).isTrue();
      large.say(XdsType.LISTENER.url(), "l");
      Resource[] many = new Resource[30_000];
      for (int i = 0; i < many.length; i++) {
        many[i] = fixed("outbound|8000||a-service-with-a-rather-long-name-" + i);
      }
      large.say(XdsType.CLUSTER.url(), "c", many);

      assertThat(taken.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      reader.close();
      overTcp.shutdownNow();
    }
  }

  private AdsClient client(Supplier<ManagedChannel> channel, ConfigListener user) {
    return new AdsClient(
        new NodeDescription(Sidecar.NODE_ID, "httpbin.sample", Map.of()),
        AdsClient.Connection.delta(channel),
        scheduler,
        InstantSource.fixed(Sidecar.NOW),
        new Random(1),
        user);
  }

  private static Resource fixed(String name) {
    XdsResource cluster =
        new Cluster(
            name,
            new Cluster.Discovery.Static(Sidecar.endpoints(name)),
            Cluster.LoadBalancing.LEAST_REQUEST,
            Duration.ofSeconds(10),
            Cluster.UpstreamProtocol.HTTP1,
            List.of(),
            Optional.empty(),
            Cluster.Limits.NONE,
            Optional.empty());
    return resource(name).toBuilder().setResource(ResourceEncoder.encode(cluster)).build();
  }

  private static Resource garbage(String name) {
    return resource(name).toBuilder()
        .setResource(
            Any.newBuilder()
                .setTypeUrl(XdsType.CLUSTER.url())
                .setValue(ByteString.copyFromUtf8("\u0001garbage")))
        .build();
  }

  private static Resource resource(String name) {
    return Resource.newBuilder().setName(name).setVersion("1").build();
  }
}
