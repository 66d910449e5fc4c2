package io.selvage.xds.server;

import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The client status discovery service ({@code envoy.service.status.v3}): how far each connected
 * client is with each type. It doesn't give the resources themselves.
 */
final class ClientStatusService extends ClientStatusDiscoveryServiceImplBase {
  private final AdsServer ads;

  /** Why the one who asks may not; empty when it may. */
  private final Function<ClientStatusRequest, Optional<Status>> refusal;

  ClientStatusService(AdsServer ads, Function<ClientStatusRequest, Optional<Status>> refusal) {
    this.ads = ads;
    this.refusal = refusal;
  }

  @Override
  public void fetchClientStatus(
      ClientStatusRequest request, StreamObserver<ClientStatusResponse> out) {
    try {
      out.onNext(answer(request));
      out.onCompleted();
    } catch (StatusRuntimeException e) {
      out.onError(e);
    }
  }

  @Override
  public StreamObserver<ClientStatusRequest> streamClientStatus(
      StreamObserver<ClientStatusResponse> out) {
    return new StreamObserver<>() {
      private boolean ended;

      @Override
      public void onNext(ClientStatusRequest request) {
        if (ended) {
          return;
        }
        try {
          out.onNext(answer(request));
        } catch (StatusRuntimeException e) {
          ended = true;
          out.onError(e);
        }
      }

      @Override
      public void onError(Throwable cause) {
        ended = true;
      }

      @Override
      public void onCompleted() {
        if (!ended) {
          ended = true;
          out.onCompleted();
        }
      }
    };
  }

  private ClientStatusResponse answer(ClientStatusRequest request) {
    Optional<Status> no = refusal.apply(request);
    if (no.isPresent()) {
      throw new StatusRuntimeException(no.get());
    }
    Predicate<String> wanted = wanted(request.getNodeMatchersList());
    ClientStatusResponse.Builder answer = ClientStatusResponse.newBuilder();
    ads.status().stream()
        .filter(client -> wanted.test(client.nodeId()))
        .map(ClientConfigs::of)
        .forEach(answer::addConfig);
    return answer.build();
  }

  private static Predicate<String> wanted(List<NodeMatcher> matchers) {
    List<Predicate<String>> any = matchers.stream().map(ClientStatusService::byId).toList();
    return id -> any.isEmpty() || any.stream().anyMatch(one -> one.test(id));
  }

  private static Predicate<String> byId(NodeMatcher matcher) {
    if (matcher.getNodeMetadatasCount() > 0) {
      throw unknown("node_metadatas");
    }
    StringMatcher id = matcher.getNodeId();
    if (id.getIgnoreCase()) {
      throw unknown("ignore_case");
    }
    return switch (id.getMatchPatternCase()) {
      case EXACT -> id.getExact()::equals;
      case PREFIX -> of -> of.startsWith(id.getPrefix());
      case SUFFIX -> of -> of.endsWith(id.getSuffix());
      case CONTAINS -> of -> of.contains(id.getContains());
      case SAFE_REGEX, CUSTOM, MATCHPATTERN_NOT_SET ->
          throw unknown("node_id." + id.getMatchPatternCase());
    };
  }

  private static StatusRuntimeException unknown(String field) {
    return Status.INVALID_ARGUMENT
        .withDescription("node_matchers: " + field + " is not understood")
        .asRuntimeException();
  }
}
