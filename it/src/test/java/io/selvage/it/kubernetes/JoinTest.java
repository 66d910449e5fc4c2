package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.XdsType;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Our proxies, with tokens of their Pods' ServiceAccounts, in a mesh that Kubernetes configures.
 */
@Tag("real")
final class JoinTest {
  private static final SamplePod SLEEP = new SamplePod("sleep", "sleep", "127.93.8.1");
  private static final SamplePod HTTPBIN = new SamplePod("httpbin", "httpbin", "127.93.8.2");
  private static final String ENDPOINTS = "outbound|8000||httpbin.sample.svc.cluster.local";
  private static final String DENY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny, namespace: sample}
      spec: {action: DENY, rules: [{to: [{operation: {paths: ["/headers"]}}]}]}
      """;

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static ProxyEngine engine;
  private final Opened opened = new Opened();

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.start(home));
    int program = FreePort.find();
    ALL.add(Httpbin.start(new InetSocketAddress(RunningMesh.loopback(), program), "it"));
    engine =
        ALL.add(
            new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system())));
    cluster
        .client()
        .apply(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data: {mesh: "trustDomain: it.kube"}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: sample}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: httpbin, namespace: sample}
            spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000, targetPort: %d}]}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: istio-system}
            spec: {mtls: {mode: STRICT}}
            """
                .formatted(program));
    SLEEP.declare(cluster);
    HTTPBIN.declare(cluster);
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private OneSidecar sidecar(Replica replica, SamplePod pod) throws Exception {
    return opened.add(pod.sidecar(engine, cluster, replica.port(), replica.roots()));
  }

  private static String status(String path) {
    return Tool.run(
            Map.of(),
            List.of(
                "curl",
                "-s",
                "-m",
                "5",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-x",
                "http://" + SLEEP.address() + ":" + SamplePod.PROXY_PORT,
                "http://httpbin.sample:8000" + path))
        .out();
  }

  @ParameterizedTest
  @EnumSource(TokenCheck.class)
  void proxiesJoinAndFollowTheCluster(TokenCheck tokens) throws Exception {
    try {
      Gate gate = cluster.gate();
      Replica replica = opened.add(Replica.start("one", cluster.connect(gate), tokens));
      sidecar(replica, HTTPBIN);
      OneSidecar sleep = sidecar(replica, SLEEP);
      Until.seen("httpbin is served", () -> status("/ip"), "200"::equals);
      assertThat(sleep.rotation().current().orElseThrow().certificate().spiffeId().toString())
          .isEqualTo("spiffe://it.kube/ns/sample/sa/sleep");
      assertThat(status("/headers")).isEqualTo("200");

      cluster.client().apply(DENY);
      Until.seen("the policy holds", () -> status("/headers"), "403"::equals);
      assertThat(status("/ip")).isEqualTo("200");

      gate.cut();
      Until.seen(
          "the status says that the API server is away",
          () -> replica.plane().status().problems().toString(),
          text -> text.contains("SLV7220"));
      cluster.client().delete(Manifest.read(DENY));
      assertThat(status("/headers")).as("what was said last stays").isEqualTo("403");
      assertThat(replica.readiness()).startsWith("200");
      gate.mend();
      Until.seen("the policy is gone", () -> status("/headers"), "200"::equals);
    } finally {
      opened.close();
    }
  }

  /** Names 4,000 endpoints, as a sidecar of a large cluster does, and one that is there. */
  private static DiscoveryRequest large() {
    DiscoveryRequest.Builder request =
        DiscoveryRequest.newBuilder()
            .setNode(
                Node.newBuilder()
                    .setId("sidecar~" + SLEEP.address() + "~sleep.sample~sample.svc.cluster.local")
                    .setMetadata(
                        Struct.newBuilder()
                            .putFields(
                                "CLUSTER_ID",
                                Value.newBuilder().setStringValue(Replica.CLUSTER).build())))
            .setTypeUrl(XdsType.ENDPOINTS.url())
            .addResourceNames(ENDPOINTS);
    for (int i = 0; i < 4_000; i++) {
      request.addResourceNames("outbound|80||s" + i + ".sample.svc.cluster.local");
    }
    return request.build();
  }

  @Test
  void aRequestMayBeLargerThanOneForACertificate() throws Exception {
    try {
      Replica replica =
          opened.add(Replica.start("one", cluster.connect(cluster.gate()), TokenCheck.JWKS));
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(
                  "127.0.0.1",
                  replica.port(),
                  TlsChannelCredentials.newBuilder()
                      .trustManager(
                          new ByteArrayInputStream(
                              replica.roots().getBytes(StandardCharsets.US_ASCII)))
                      .build())
              .overrideAuthority(Replica.SERVER_NAME)
              .build();
      opened.add((AutoCloseable) channel::shutdownNow);
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + cluster.client().istioToken("sample", "sleep", "sleep"));
      var answer = new CompletableFuture<DiscoveryResponse>();
      DiscoveryRequest request = large();
      assertThat(request.getSerializedSize()).isGreaterThan(64 << 10);
      AggregatedDiscoveryServiceGrpc.newStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .streamAggregatedResources(
              new StreamObserver<>() {
                @Override
                public void onNext(DiscoveryResponse response) {
                  answer.complete(response);
                }

                @Override
                public void onError(Throwable cause) {
                  answer.completeExceptionally(cause);
                }

                @Override
                public void onCompleted() {
                  answer.cancel(false);
                }
              })
          .onNext(request);
      List<Any> found = answer.get(30, TimeUnit.SECONDS).getResourcesList();
      assertThat(found).hasSize(1);
      assertThat(found.getFirst().unpack(ClusterLoadAssignment.class).getClusterName())
          .isEqualTo(ENDPOINTS);
    } finally {
      opened.close();
    }
  }
}
