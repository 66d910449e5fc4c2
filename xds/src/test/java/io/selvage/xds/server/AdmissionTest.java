package io.selvage.xds.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.Exchange;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.client.AdsClient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static NodeId node(String id) {
    return NodeId.of(Node.newBuilder().setId(id).build());
  }

  @Test
  void plaintextIsRefusedUnlessAllowed() {
    try (Exchange exchange =
        new Exchange(NodeAuthenticator.trusting(), AdsServer.Options.DEFAULT)) {
      AdsClient client = exchange.client(true, config -> {});
      assertThat(client.state().lastError().orElseThrow().text())
          .contains("UNAUTHENTICATED", "SLV7302", "plaintext");
    }
  }

  @Test
  void aClientThatProvesNothingIsRefusedAndTold() {
    try (Exchange exchange =
        new Exchange(NodeAuthenticator.byCertificate(), new AdsServer.Options(true, 10))) {
      AdsClient client = exchange.client(true, config -> {});
      assertThat(client.state().lastError().orElseThrow().text())
          .contains("PERMISSION_DENIED", "SLV7302", "no client certificate");
      assertThat(exchange.ads().status()).isEmpty();
    }
  }

  @Test
  void tooManyClientsAreRefused() {
    try (Exchange exchange =
        new Exchange(NodeAuthenticator.trusting(), new AdsServer.Options(true, 1))) {
      exchange.client(true, config -> {});
      AdsClient second = exchange.client(true, config -> {});
      assertThat(second.state().lastError().orElseThrow().text()).contains("RESOURCE_EXHAUSTED");
      assertThat(exchange.ads().clients()).isEqualTo(1);
    }
  }

  @Test
  void aClientThatAsksForWithoutEndIsRefused() {
    List<Status> ends = new ArrayList<>();
    try (Exchange exchange = new Exchange()) {
      ManagedChannel channel =
          InProcessChannelBuilder.forName(exchange.name()).directExecutor().build();
      StreamObserver<DeltaDiscoveryRequest> requests =
          AggregatedDiscoveryServiceGrpc.newStub(channel)
              .deltaAggregatedResources(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(DeltaDiscoveryResponse response) {}

                    @Override
                    public void onError(Throwable end) {
                      ends.add(Status.fromThrowable(end));
                    }

                    @Override
                    public void onCompleted() {}
                  });
      DeltaDiscoveryRequest.Builder first =
          DeltaDiscoveryRequest.newBuilder()
              .setNode(Node.newBuilder().setId(Sidecar.NODE_ID))
              .setTypeUrl(XdsType.ENDPOINTS.url());
      IntStream.range(0, 60_000).forEach(i -> first.addResourceNamesSubscribe("a" + i));
      requests.onNext(first.build());
      assertThat(exchange.ads().clients()).isEqualTo(1);
      DeltaDiscoveryRequest.Builder second =
          DeltaDiscoveryRequest.newBuilder().setTypeUrl(XdsType.ENDPOINTS.url());
      IntStream.range(0, 60_000).forEach(i -> second.addResourceNamesSubscribe("b" + i));
      requests.onNext(second.build());

      assertThat(ends)
          .singleElement()
          .satisfies(
              end -> {
                assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(end.getDescription()).contains("SLV7302", "more than 100000");
              });
      assertThat(exchange.ads().clients()).isZero();
      channel.shutdownNow();
    }
  }

  @Test
  void anIdentityOfAnotherNamespaceMayNotSpeakForTheNode() {
    assertThatThrownBy(
            () ->
                NodeIdentity.proven(
                    node(Sidecar.NODE_ID), SpiffeId.workload("cluster.local", "other", "httpbin")))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("another namespace");
  }

  @Test
  void anIdentityOfAnotherServiceAccountMayNotSpeakForTheNode() {
    Node.Builder node = Node.newBuilder().setId(Sidecar.NODE_ID);
    node.getMetadataBuilder()
        .putFields(
            "SERVICE_ACCOUNT",
            com.google.protobuf.Value.newBuilder().setStringValue("httpbin").build());
    assertThatThrownBy(
            () ->
                NodeIdentity.proven(
                    NodeId.of(node.build()), SpiffeId.workload("cluster.local", "sample", "sleep")))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("service account httpbin");
  }

  @Test
  void aNodeIdThatIsNotIstiosIsRefused() {
    for (String id :
        new String[] {
          "",
          "x",
          "sidecar~host~a.b~c",
          "sidecar~10.0.0.1~a~c",
          "sidecar~10.0.0.1~.b~c",
          "sidecar~10.0.0.1~a.b~c\n"
        }) {
      assertThatThrownBy(() -> node(id)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(node(Sidecar.NODE_ID).namespace()).isEqualTo("sample");
    assertThat(node(Sidecar.NODE_ID).name()).isEqualTo("httpbin-1");
  }
}
