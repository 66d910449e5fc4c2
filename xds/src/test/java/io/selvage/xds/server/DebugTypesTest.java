package io.selvage.xds.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.Exchange;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.admin.AdminPage;
import io.selvage.xds.admin.AdminRequest;
import io.selvage.xds.admin.DumpedResource;
import io.selvage.xds.client.ConfigRejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Istio's debug types and the client status discovery service. */
class DebugTypesTest {
  private static final String OPERATOR =
      "sidecar~~test-1.istio-system~istio-system.svc.cluster.local";
  private static final String SYNC = "istio.io/debug/syncz";

  private Exchange exchange;
  private ManagedChannel channel;

  @BeforeEach
  void start() {
    exchange =
        new Exchange(
            (evidence, node) ->
                NodeIdentity.proven(
                    node, SpiffeId.workload("cluster.local", node.namespace(), "any")),
            new AdsServer.Options(true, 20));
    exchange
        .ads()
        .tells(
            new DebugSource() {
              @Override
              public boolean mayAsk(SpiffeId caller) {
                return caller.namespace().equals(Optional.of("istio-system"));
              }

              @Override
              public String instance() {
                return "{\"ID\":\"here\"}";
              }

              @Override
              public Optional<AdminPage> page(String name, AdminRequest request) {
                return name.equals("echo")
                    ? Optional.of(AdminPage.json(request.parameters().toString()))
                    : Optional.empty();
              }
            });
    channel = InProcessChannelBuilder.forName(exchange.name()).directExecutor().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    exchange.close();
  }

  /** One stream and what came on it. */
  private final class Asking implements StreamObserver<DiscoveryResponse> {
    final List<DiscoveryResponse> answers = new ArrayList<>();
    final List<Status> ends = new ArrayList<>();
    private final String node;
    private final StreamObserver<DiscoveryRequest> requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(this);

    Asking(String node) {
      this.node = node;
    }

    Asking ask(String type, String nonce, String... names) {
      requests.onNext(
          DiscoveryRequest.newBuilder()
              .setNode(Node.newBuilder().setId(node))
              .setTypeUrl(type)
              .setResponseNonce(nonce)
              .addAllResourceNames(List.of(names))
              .build());
      return this;
    }

    @Override
    public void onNext(DiscoveryResponse response) {
      answers.add(response);
    }

    @Override
    public void onError(Throwable cause) {
      ends.add(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {}
  }

  private List<ClientConfig> syncz() throws Exception {
    var asking = new Asking(OPERATOR).ask(SYNC, "2026-01-01");
    List<ClientConfig> clients = new ArrayList<>();
    for (Any one : asking.answers.getFirst().getResourcesList()) {
      clients.add(one.unpack(ClientConfig.class));
    }
    return clients;
  }

  private static ConfigStatus status(ClientConfig client, XdsType type) {
    return client.getGenericXdsConfigsList().stream()
        .filter(of -> of.getTypeUrl().equals(type.url()))
        .findFirst()
        .orElseThrow()
        .getConfigStatus();
  }

  @Test
  void aClientThatTookEverythingIsSynced() throws Exception {
    exchange.give(Sidecar.secrets());
    exchange.give(Sidecar.resources());
    exchange.client(true, config -> {});

    assertThat(syncz())
        .singleElement()
        .satisfies(
            client -> {
              assertThat(client.getNode().getId()).isEqualTo(Sidecar.NODE_ID);
              assertThat(
                      client
                          .getNode()
                          .getMetadata()
                          .getFieldsOrThrow("CLUSTER_ID")
                          .getStringValue())
                  .isEqualTo("east");
              for (XdsType type : XdsType.values()) {
                if (type != XdsType.EXTENSION) { // no listener names any
                  assertThat(status(client, type)).as("%s", type).isEqualTo(ConfigStatus.SYNCED);
                }
              }
            });
  }

  @Test
  void aRefusalIsAnErrorWithItsReason() throws Exception {
    exchange.give(Sidecar.secrets());
    exchange.give(Sidecar.resources());
    exchange.client(
        true,
        config -> {
          throw new ConfigRejected(List.of("no room here"));
        });

    var client = syncz().getFirst();
    var errors =
        client.getGenericXdsConfigsList().stream()
            .filter(of -> of.getConfigStatus() == ConfigStatus.ERROR)
            .toList();
    assertThat(errors).isNotEmpty();
    assertThat(errors.getFirst().getErrorState().getDetails()).contains("no room here");
  }

  @Test
  void anAnswerThatIsAcknowledgedIsNotSentAgainButANewQuestionIsAnswered() {
    var asking = new Asking(OPERATOR).ask(SYNC, "");
    asking.ask(SYNC, asking.answers.getFirst().getNonce());
    assertThat(asking.answers).hasSize(1);
    asking.ask(SYNC, "");
    assertThat(asking.answers).hasSize(2);
    assertThat(asking.answers.getFirst().getControlPlane().getIdentifier())
        .isEqualTo("{\"ID\":\"here\"}");
  }

  @Test
  void aWorkloadMayNotAskNotEvenOfItself() {
    exchange.give(Sidecar.secrets());
    exchange.give(Sidecar.resources());
    for (String type : List.of(SYNC, "istio.io/debug/config_dump", "istio.io/debug")) {
      var asking = new Asking(Sidecar.NODE_ID).ask(type, "", "httpbin-1.sample");
      assertThat(asking.answers).isEmpty();
      assertThat(asking.ends)
          .singleElement()
          .satisfies(
              end -> {
                assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                assertThat(end.getDescription()).contains("SLV7308");
              });
    }
    var stub = ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel);
    var request =
        ClientStatusRequest.newBuilder().setNode(Node.newBuilder().setId(Sidecar.NODE_ID)).build();
    assertThat(
            catchThrowableOfType(
                    StatusRuntimeException.class, () -> stub.fetchClientStatus(request))
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void whoProvesNothingMayNotAskFromElsewhere() {
    try (var open = new Exchange()) {
      open.ads().tells(DebugSource.NONE);
      var other = InProcessChannelBuilder.forName(open.name()).directExecutor().build();
      var stub = ClientStatusDiscoveryServiceGrpc.newBlockingStub(other);
      var request =
          ClientStatusRequest.newBuilder().setNode(Node.newBuilder().setId(OPERATOR)).build();
      assertThat(
              catchThrowableOfType(
                      StatusRuntimeException.class, () -> stub.fetchClientStatus(request))
                  .getStatus()
                  .getCode())
          .isEqualTo(Status.Code.UNAUTHENTICATED);
      other.shutdownNow();
    }
  }

  @Test
  void aDumpIsWhatTheClientShouldHaveWithoutKeys() throws Exception {
    exchange.give(Sidecar.secrets());
    exchange.give(Sidecar.resources());
    exchange.client(true, config -> {});

    var asking = new Asking(OPERATOR).ask("istio.io/debug/config_dump", "", "httpbin-1.sample");
    var parts = asking.answers.getFirst().getResourcesList();
    assertThat(parts.get(1).unpack(ClustersConfigDump.class).getDynamicActiveClustersList())
        .isNotEmpty()
        .allSatisfy(cluster -> assertThat(cluster.getVersionInfo()).isNotEmpty());
    assertThat(parts.get(5).unpack(SecretsConfigDump.class).toString())
        .doesNotContain("PRIVATE KEY");
    assertThat(
            new Asking(OPERATOR)
                .ask("istio.io/debug/config_dump", "", "nobody.nowhere")
                .answers
                .getFirst()
                .getResourcesCount())
        .isZero();
  }

  @Test
  void aSecretIsShownWithItsChainAndWithoutItsKey() throws Exception {
    var encoded = EncodedResource.of(Sidecar.secrets().getFirst());
    assertThat(encoded.any().unpack(Secret.class).toString()).contains("PRIVATE KEY");
    assertThat(
            DumpedResource.showable(XdsType.SECRET, encoded.any()).unpack(Secret.class).toString())
        .doesNotContain("PRIVATE KEY")
        .contains("BEGIN CERTIFICATE", "[redacted]");
  }

  @Test
  void pagesAreAskedForByTheirNamesWithAQuery() {
    var asking = new Asking(OPERATOR).ask("istio.io/debug", "", "echo?a=b");
    assertThat(asking.answers.getFirst().getResources(0).getValue().toStringUtf8())
        .isEqualTo("{a=b}");
    asking.ask("istio.io/debug", "", "nothing");
    assertThat(asking.answers.getLast().getResources(0).getValue().toStringUtf8())
        .isEqualTo("404 page not found\n");
  }

  @Test
  void clientStatusIsGivenForTheNodesThatAreAskedFor() {
    exchange.give(Sidecar.secrets());
    exchange.give(Sidecar.resources());
    exchange.client(true, config -> {});
    exchange.client("sidecar~10.0.0.9~sleep-1.sample~sample.svc.cluster.local", true, config -> {});

    var stub = ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel);
    var all = ClientStatusRequest.newBuilder().setNode(Node.newBuilder().setId(OPERATOR));
    assertThat(stub.fetchClientStatus(all.build()).getConfigList()).hasSize(2);
    all.addNodeMatchers(
        NodeMatcher.newBuilder().setNodeId(StringMatcher.newBuilder().setContains("sleep-1")));
    assertThat(stub.fetchClientStatus(all.build()).getConfigList())
        .singleElement()
        .satisfies(one -> assertThat(one.getNode().getId()).contains("sleep-1"));
    all.addNodeMatchers(
        NodeMatcher.newBuilder().setNodeId(StringMatcher.newBuilder().setIgnoreCase(true)));
    assertThat(
            catchThrowableOfType(
                    StatusRuntimeException.class, () -> stub.fetchClientStatus(all.build()))
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }
}
