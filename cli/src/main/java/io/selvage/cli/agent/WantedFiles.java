package io.selvage.cli.agent;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import java.util.function.Consumer;

/** Tells which secrets are asked for, before they are looked up: files are read on demand. */
record WantedFiles(Consumer<String> want) implements ServerInterceptor {

  ServerServiceDefinition before(ServerServiceDefinition service) {
    return ServerInterceptors.intercept(service, this);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onMessage(Q message) {
        names(message).forEach(want);
        super.onMessage(message);
      }
    };
  }

  private static List<String> names(Object message) {
    return switch (message) {
      case DiscoveryRequest world -> world.getResourceNamesList();
      case DeltaDiscoveryRequest delta -> delta.getResourceNamesSubscribeList();
      default -> List.of();
    };
  }
}
