package io.selvage.xds.server;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.selvage.xds.admin.AdminPage;
import io.selvage.xds.admin.AdminRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Answers Istio's debug types on one state-of-the-world stream, as istioctl asks for them ({@code
 * pilot/pkg/xds}, {@code StatusGen} and {@code DebugGen}): each request once, and never again
 * unless asked.
 */
final class DebugStream {
  private static final String DEBUG = "istio.io/debug";

  /** How far each proxy is. */
  private static final String SYNC = DEBUG + "/syncz";

  /** What one proxy should have. */
  private static final String CONFIG_DUMP = DEBUG + "/config_dump";

  private final AdsServer ads;
  private final DebugCaller caller;
  private final DebugSource source;
  private final NodeAuthenticator.Evidence evidence;
  private final StreamObserver<DiscoveryResponse> out;
  private final Set<String> nonces = new HashSet<>();
  private Node node = Node.getDefaultInstance();
  private long answers;
  private boolean ended;

  DebugStream(
      AdsServer ads,
      DebugCaller caller,
      DebugSource source,
      NodeAuthenticator.Evidence evidence,
      StreamObserver<DiscoveryResponse> out) {
    this.ads = ads;
    this.caller = caller;
    this.source = source;
    this.evidence = evidence;
    this.out = out;
  }

  /** Whether a type is one of these. */
  static boolean isDebug(String typeUrl) {
    return typeUrl.equals(DEBUG) || typeUrl.startsWith(DEBUG + "/");
  }

  /**
   * Answers, or ends the stream of who may not ask.
   *
   * @param turn held while something is sent, since other types may be sent on the same stream; not
   *     while the answer is made, which asks other streams how they are
   */
  void onRequest(DiscoveryRequest request, Object turn) {
    if (request.hasNode()) {
      node = request.getNode();
    }
    if (ended || nonces.remove(request.getResponseNonce())) {
      return; // it says that it has the answer
    }
    Optional<Status> refusal = caller.refusal(evidence, node);
    if (refusal.isPresent()) {
      end(refusal.get(), turn);
      return;
    }
    switch (request.getTypeUrl()) {
      case SYNC -> send(request, packed(ads.status()), turn);
      case CONFIG_DUMP -> send(request, dump(request.getResourceNamesList()), turn);
      case DEBUG -> page(request, turn);
      default -> send(request, List.of(), turn);
    }
  }

  private static List<Any> packed(List<ClientStatus> clients) {
    return clients.stream().map(ClientConfigs::of).map(Any::pack).toList();
  }

  private List<Any> dump(List<String> names) {
    return names.size() == 1
        ? ads.configDump(names.getFirst(), false).map(all -> all.getConfigsList()).orElse(List.of())
        : List.of();
  }

  private void page(DiscoveryRequest request, Object turn) {
    if (request.getResourceNamesCount() != 1) {
      end(Status.INVALID_ARGUMENT.withDescription("exactly one debug request is required"), turn);
      return;
    }
    String asked = request.getResourceNames(0);
    int query = asked.indexOf('?');
    String name = query < 0 ? asked : asked.substring(0, query);
    String content;
    try {
      content =
          source
              .page(
                  name,
                  new AdminRequest(
                      "",
                      AdminRequest.parameters(query < 0 ? null : asked.substring(query + 1)),
                      Optional.empty()))
              .map(AdminPage::content)
              .orElse("404 page not found\n");
    } catch (IllegalArgumentException e) {
      content = e.getMessage() + "\n";
    }
    send(
        request,
        List.of(
            Any.newBuilder().setTypeUrl(DEBUG).setValue(ByteString.copyFromUtf8(content)).build()),
        turn);
  }

  private void send(DiscoveryRequest request, List<Any> resources, Object turn) {
    String nonce = "debug-" + ++answers;
    nonces.add(nonce);
    DiscoveryResponse response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(request.getTypeUrl())
            .setNonce(nonce)
            .setControlPlane(ControlPlane.newBuilder().setIdentifier(source.instance()))
            .addAllResources(resources)
            .build();
    synchronized (turn) {
      out.onNext(response);
    }
  }

  private void end(Status status, Object turn) {
    ended = true;
    synchronized (turn) {
      out.onError(new StatusRuntimeException(status));
    }
  }
}
