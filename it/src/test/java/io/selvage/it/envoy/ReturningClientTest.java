package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.selvage.it.stage.OnePlane;
import io.selvage.xds.XdsType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of the control plane that say things which ours does not, as Envoys and agents do. */
class ReturningClientTest {
  private static final int MANY = 20_000;

  @TempDir private Path home;
  private OnePlane plane;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    Path folder = Files.createDirectories(home.resolve("folder"));
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: "trustDomain: it.mesh"
        """);
    plane = OnePlane.start(folder, home.resolve("ca"), OnePlane.Ports.FREE);
    plane.register("web", "127.93.9.1", Map.of());
    channel = channel(plane.invite("web"));
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    plane.close();
  }

  /** One that shows no certificate but a token, as Istio's agent does. */
  private static ManagedChannel channel(OnePlane.Invitation invitation) throws Exception {
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + invitation.token());
    return NettyChannelBuilder.forAddress(
            "127.0.0.1",
            invitation.adsPort(),
            TlsChannelCredentials.newBuilder()
                .trustManager(
                    new ByteArrayInputStream(
                        invitation.roots().getBytes(StandardCharsets.US_ASCII)))
                .build())
        .overrideAuthority(OnePlane.SERVER_NAME)
        .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
        .build();
  }

  private static DeltaDiscoveryRequest.Builder request(String type) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(Node.newBuilder().setId("sidecar~127.93.9.1~web.sample~sample.svc.cluster.local"))
        .setTypeUrl(type);
  }

  @Test
  void oneThatComesBackIsSentWhatItLacksHoweverMuchItHolds() throws Exception {
    var first = new Stream(channel);
    first.send(request(XdsType.CLUSTER.url()));
    Map<String, String> held =
        first.next().getResourcesList().stream()
            .collect(Collectors.toMap(Resource::getName, Resource::getVersion));
    assertThat(held).isNotEmpty();
    first.end();
    List<String> gone =
        IntStream.range(0, MANY)
            .mapToObj("outbound|80||gone-%d.sample.svc.cluster.local"::formatted)
            .toList();

    var second = new Stream(channel);
    var back = request(XdsType.CLUSTER.url()).putAllInitialResourceVersions(held);
    gone.forEach(name -> back.putInitialResourceVersions(name, "0123456789abcdef"));
    second.send(back);

    DeltaDiscoveryResponse answer = second.next();
    assertThat(answer.getResourcesList()).as("it has them already").isEmpty();
    assertThat(answer.getRemovedResourcesList()).containsExactlyInAnyOrderElementsOf(gone);
    second.end();
  }

  @Test
  void typesThatAreNotServedDoNotEndTheStream() throws Exception {
    var stream = new Stream(channel);
    for (String type :
        List.of(
            "type.googleapis.com/istio.networking.nds.v1.NameTable",
            "type.googleapis.com/istio.mesh.v1alpha1.ProxyConfig",
            "type.googleapis.com/istio.v1.HealthInformation",
            "type.googleapis.com/istio.workload.Workload",
            "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
            "type.googleapis.com/envoy.service.runtime.v3.Runtime")) {
      stream.send(request(type));
    }
    stream.send(
        request("type.googleapis.com/istio.v1.HealthInformation")
            .setErrorDetail(com.google.rpc.Status.newBuilder().setCode(13).setMessage("unwell")));
    stream.send(request(XdsType.LISTENER.url()));

    assertThat(stream.next().getTypeUrl()).isEqualTo(XdsType.LISTENER.url());
    assertThat(plane.control().status().clients())
        .singleElement()
        .satisfies(
            client -> assertThat(client.identity()).hasValue("spiffe://it.mesh/ns/sample/sa/web"));
    stream.end();
  }

  @Test
  void aTokenDoesNotSpeakForAnotherWorkload() throws Exception {
    plane.register("other", "127.93.9.2", Map.of());
    var stream = new Stream(channel);
    stream.send(
        request(XdsType.LISTENER.url())
            .setNode(
                Node.newBuilder()
                    .setId("sidecar~127.93.9.2~other.sample~sample.svc.cluster.local")));

    assertThat(stream.next().getResourcesList()).as("what another's proxy gets").isEmpty();
    stream.end();
  }

  /** One delta stream. */
  private static final class Stream implements StreamObserver<DeltaDiscoveryResponse> {
    private final BlockingQueue<DeltaDiscoveryResponse> answers = new LinkedBlockingQueue<>();
    private final StreamObserver<DeltaDiscoveryRequest> requests;
    private volatile Status end = Status.OK;

    Stream(ManagedChannel channel) {
      requests = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
    }

    void send(DeltaDiscoveryRequest.Builder request) {
      requests.onNext(request.build());
    }

    DeltaDiscoveryResponse next() throws InterruptedException {
      DeltaDiscoveryResponse answer = answers.poll(20, TimeUnit.SECONDS);
      assertThat(answer).as("an answer; the stream's end: %s", end).isNotNull();
      return answer;
    }

    void end() {
      requests.onCompleted();
    }

    @Override
    public void onNext(DeltaDiscoveryResponse answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable cause) {
      end = Status.fromThrowable(cause);
    }

    @Override
    public void onCompleted() {}
  }
}
