package io.selvage.bench.cluster;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.selvage.xds.EnvoyNames;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One sidecar's side of ADS, by Envoy's order: all clusters and their endpoints, all listeners and
 * their routes and filters; every response is acknowledged. Its call's callbacks come one after the
 * other.
 */
final class Sidecar extends ClientCall.Listener<Frame> {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** How a sidecar is told of policies. */
  enum Kind {
    /** In its listeners. */
    ENVOY,
    /** Apart from them, where the control plane can do that. */
    SELVAGE
  }

  /** What is told of all sidecars. */
  interface Watcher {
    /** A sidecar has everything that it asked for. */
    void complete(Sidecar sidecar);

    /** A response came. */
    void received(Sidecar sidecar, Frame frame);

    /** A stream ended before its time. */
    void ended(Sidecar sidecar, Status status);
  }

  /** A line of the file of clients. */
  record Pod(String name, String namespace, String account, String address, String token) {
    static Pod of(String line) {
      String[] parts = line.split("\t", -1);
      return new Pod(parts[0], parts[1], parts[2], parts[3], parts[4]);
    }
  }

  private final Pod pod;
  private final Kind kind;
  private final ListenerNames listenerNames;
  private final Watcher watcher;
  private final ClientCall<DeltaDiscoveryRequest, Frame> call;
  private final Set<String> endpoints = new HashSet<>();
  private final Set<String> routes = new HashSet<>();
  private final Set<String> extensions = new HashSet<>();
  private final Set<String> awaited = new HashSet<>();
  private boolean complete;

  private Sidecar(
      ManagedChannel channel, Pod pod, Kind kind, ListenerNames listenerNames, Watcher watcher) {
    this.pod = pod;
    this.kind = kind;
    this.listenerNames = listenerNames;
    this.watcher = watcher;
    this.call = channel.newCall(Frame.METHOD, CallOptions.DEFAULT.withWaitForReady());
    awaited.add(Frame.CLUSTERS);
    awaited.add(Frame.LISTENERS);
  }

  /** Connects and asks. */
  static Sidecar start(
      ManagedChannel channel,
      Pod pod,
      Kind kind,
      boolean showToken,
      ListenerNames listenerNames,
      Watcher watcher) {
    Sidecar sidecar = new Sidecar(channel, pod, kind, listenerNames, watcher);
    Metadata headers = new Metadata();
    if (showToken) {
      headers.put(AUTHORIZATION, "Bearer " + pod.token());
    }
    sidecar.call.start(sidecar, headers);
    sidecar.call.request(1);
    sidecar.ask(Frame.CLUSTERS, List.of());
    sidecar.ask(Frame.LISTENERS, List.of());
    return sidecar;
  }

  private void ask(String type, Collection<String> names) {
    call.sendMessage(
        DeltaDiscoveryRequest.newBuilder()
            .setNode(node())
            .setTypeUrl(type)
            .addAllResourceNamesSubscribe(names)
            .build());
  }

  private Node node() {
    Node.Builder node = Node.newBuilder();
    if (kind == Kind.SELVAGE) {
      node.addClientFeatures(EnvoyNames.DISCOVERS_AUTHORIZATION);
    }
    return node.setId(
            "sidecar~%s~%s.%s~%s.svc.cluster.local"
                .formatted(pod.address(), pod.name(), pod.namespace(), pod.namespace()))
        .setMetadata(
            Struct.newBuilder()
                .putFields("ISTIO_VERSION", text("1.31.0"))
                .putFields("NAMESPACE", text(pod.namespace()))
                .putFields("NAME", text(pod.name()))
                .putFields("SERVICE_ACCOUNT", text(pod.account()))
                .putFields("CLUSTER_ID", text("Kubernetes"))
                .putFields("MESH_ID", text("cluster.local"))
                .putFields("INTERCEPTION_MODE", text("REDIRECT")))
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  Pod pod() {
    return pod;
  }

  @Override
  public void onMessage(Frame frame) {
    call.request(1);
    call.sendMessage(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(frame.type())
            .setResponseNonce(frame.nonce())
            .build());
    watcher.received(this, frame);
    switch (frame.type()) {
      case Frame.CLUSTERS -> {
        awaited.remove(Frame.CLUSTERS);
        want(
            Frame.ENDPOINTS,
            endpoints,
            frame.names().stream().filter(name -> name.startsWith("outbound|")).toList());
      }
      case Frame.LISTENERS -> {
        awaited.remove(Frame.LISTENERS);
        for (int i = 0; i < frame.names().size(); i++) {
          if (kind == Kind.ENVOY && frame.names().get(i).equals("virtualInbound")) {
            continue; // it names nothing
          }
          ListenerNames.Named named = listenerNames.of(frame.listeners().get(i));
          want(Frame.ROUTES, routes, named.routes());
          want(Frame.EXTENSIONS, extensions, named.extensions());
        }
      }
      case Frame.ENDPOINTS, Frame.EXTENSIONS, Frame.ROUTES ->
          frame.names().forEach(awaited::remove);
      default -> throw new IllegalStateException("not asked for: " + frame.type());
    }
    if (!complete && awaited.isEmpty()) {
      complete = true;
      watcher.complete(this);
    }
  }

  private void want(String type, Set<String> wanted, Collection<String> names) {
    List<String> more = names.stream().filter(wanted::add).toList();
    if (!more.isEmpty()) {
      if (!complete) {
        awaited.addAll(more);
      }
      ask(type, more);
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    watcher.ended(this, status);
  }

  void close() {
    call.cancel("the measurement is over", null);
  }
}
