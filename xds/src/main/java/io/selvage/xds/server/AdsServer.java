package io.selvage.xds.server;

import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The aggregated discovery service. Add {@link #service} to a gRPC server (shaped by {@link
 * #shape}), and call {@link #push} whenever the source has something new: each client is then sent
 * what changed for it, as soon as it has taken what it was sent before.
 */
public final class AdsServer {
  private static final Logger log = LoggerFactory.getLogger(AdsServer.class);
  private static final Context.Key<NodeAuthenticator.Evidence> EVIDENCE =
      Context.key("selvage-xds-evidence");

  /** A client that comes back names every resource that it holds. */
  public static final int MAX_REQUEST_BYTES = 4 << 20;

  /** Bytes of large responses that clients have not read yet. */
  private static final long MOST_UNDER_WAY = 12 << 20;

  /** For how long a client that doesn't read keeps others waiting. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ResourceSource source;
  private final NodeAuthenticator authenticator;
  private final InstantSource clock;
  private final Executor executor;
  private final Options options;
  private volatile DebugSource debug = DebugSource.NONE;
  private final PushBudget<ClientSession> budget =
      new PushBudget<>(MOST_UNDER_WAY, PATIENCE.toNanos(), System::nanoTime);
  private final AtomicBoolean looksAgain = new AtomicBoolean();
  private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();

  /**
   * How a server behaves.
   *
   * @param allowPlaintext clients without TLS are let in; what proves who they are is then left to
   *     the authenticator
   * @param maxClients most streams at a time
   */
  public record Options(boolean allowPlaintext, int maxClients) {
    /** TLS only, 10,000 clients. */
    public static final Options DEFAULT = new Options(false, 10_000);
  }

  /**
   * A server that isn't listening yet.
   *
   * @param executor runs pushes; as many threads as there are cores to spare
   */
  public AdsServer(
      ResourceSource source,
      NodeAuthenticator authenticator,
      InstantSource clock,
      Executor executor,
      Options options) {
    this.source = source;
    this.authenticator = authenticator;
    this.clock = clock;
    this.executor = executor;
    this.options = options;
  }

  /** The gRPC service, guarded. */
  public ServerServiceDefinition service() {
    return guarded(
        ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
            .addMethod(
                AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(),
                ServerCalls.asyncBidiStreamingCall(this::world))
            .addMethod(
                DeltaMessage.method(
                    AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()),
                ServerCalls.asyncBidiStreamingCall(this::delta)));
  }

  private ServerServiceDefinition guarded(ServerServiceDefinition.Builder service) {
    return ServerInterceptors.intercept(service.build(), new Guard());
  }

  /**
   * The secret discovery service with the same answers, guarded: what an agent offers to the Envoy
   * beside it ({@code envoy.service.secret.v3.SecretDiscoveryService}).
   */
  public ServerServiceDefinition secretService() {
    return guarded(
        ServerServiceDefinition.builder(SecretDiscoveryServiceGrpc.SERVICE_NAME)
            .addMethod(
                SecretDiscoveryServiceGrpc.getStreamSecretsMethod(),
                ServerCalls.asyncBidiStreamingCall(this::world))
            .addMethod(
                DeltaMessage.method(SecretDiscoveryServiceGrpc.getDeltaSecretsMethod()),
                ServerCalls.asyncBidiStreamingCall(this::delta)));
  }

  /**
   * The client status discovery service ({@code envoy.service.status.v3}), guarded: how far each
   * client is, for whom {@link #tells} lets ask.
   */
  public ServerServiceDefinition clientStatusService() {
    return ServerInterceptors.intercept(
        new ClientStatusService(
            this,
            request ->
                new DebugCaller(authenticator, debug).refusal(EVIDENCE.get(), request.getNode())),
        new Guard());
  }

  /**
   * From now on answers Istio's debug types with what {@code source} tells; before, nobody may ask.
   */
  public void tells(DebugSource source) {
    debug = source;
  }

  /** Gives a server the keepalive and limits that long streams of many clients need. */
  public static NettyServerBuilder shape(NettyServerBuilder builder) {
    return builder
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .permitKeepAliveTime(10, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxInboundMessageSize(MAX_REQUEST_BYTES);
  }

  /** The source has something new for all. Returns at once; pushes that wait already do. */
  public void push() {
    for (ClientSession session : sessions) {
      if (session.claimPush()) {
        executor.execute(() -> pushOne(session));
      }
    }
  }

  private void pushOne(ClientSession session) {
    try {
      session.push();
    } catch (RuntimeException e) {
      log.error("push to {} failed; it keeps what it has", session, e);
    }
    pushWaiting();
  }

  /** Those who wait until others have read what they were sent. */
  private void pushWaiting() {
    for (ClientSession session : budget.next()) {
      executor.execute(() -> pushOne(session));
    }
    if (budget.isAwaited() && looksAgain.compareAndSet(false, true)) {
      CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS, executor)
          .execute(
              () -> {
                looksAgain.set(false);
                pushWaiting();
              });
    }
  }

  private void gone(ClientSession session) {
    sessions.remove(session);
    budget.gone(session);
    pushWaiting();
  }

  /** How far each client is, by node id. */
  public List<ClientStatus> status() {
    return sessions.stream()
        .map(ClientSession::status)
        .flatMap(Optional::stream)
        .sorted(java.util.Comparator.comparing(ClientStatus::nodeId))
        .toList();
  }

  /**
   * What a connected client should have, of what it asked for.
   *
   * @param proxyId a part of its node id, such as {@code httpbin.sample}
   */
  public Optional<ConfigDump> configDump(String proxyId, boolean withEndpoints) {
    return sessions.stream()
        .filter(session -> session.status().filter(s -> s.nodeId().contains(proxyId)).isPresent())
        .findFirst()
        .flatMap(session -> session.configDump(withEndpoints));
  }

  /** Streams that are open. */
  public int clients() {
    return sessions.size();
  }

  private StreamObserver<DiscoveryRequest> world(StreamObserver<DiscoveryResponse> responses) {
    var out = (ServerCallStreamObserver<DiscoveryResponse>) responses;
    var asked =
        new DebugStream(this, new DebugCaller(authenticator, debug), debug, EVIDENCE.get(), out);
    return open(
        out,
        evidence ->
            ClientSession.world(source, admission(evidence), clock, remote(evidence), budget, out),
        (session, request) -> {
          if (DebugStream.isDebug(request.getTypeUrl())) {
            asked.onRequest(request, session);
          } else {
            session.onRequest(request);
          }
        });
  }

  private StreamObserver<DeltaDiscoveryRequest> delta(StreamObserver<DeltaMessage> responses) {
    var out = (ServerCallStreamObserver<DeltaMessage>) responses;
    return open(
        out,
        evidence ->
            ClientSession.delta(source, admission(evidence), clock, remote(evidence), budget, out),
        ClientSession::onRequest);
  }

  private ClientSession.Admission admission(NodeAuthenticator.Evidence evidence) {
    return node -> authenticator.authenticate(evidence, node);
  }

  private static String remote(NodeAuthenticator.Evidence evidence) {
    return evidence.remote().map(SocketAddress::toString).orElse("?");
  }

  private <Q, R> StreamObserver<Q> open(
      ServerCallStreamObserver<R> out,
      Function<NodeAuthenticator.Evidence, ClientSession> make,
      BiConsumer<ClientSession, Q> onRequest) {
    ClientSession session = make.apply(EVIDENCE.get());
    sessions.add(session);
    out.setOnCancelHandler(() -> gone(session));
    out.setOnCloseHandler(() -> gone(session));
    out.setOnReadyHandler(
        () -> {
          budget.read(session);
          pushOne(session);
        });
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        onRequest.accept(session, request);
        pushWaiting();
      }

      @Override
      public void onError(Throwable cause) {
        gone(session);
      }

      @Override
      public void onCompleted() {
        gone(session);
        synchronized (session) {
          if (!out.isCancelled()) {
            out.onCompleted();
          }
        }
      }
    };
  }

  /** Turns away what needs no look at a request, and keeps the evidence for the first one. */
  private final class Guard implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      var tls = Optional.ofNullable(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
      if (tls.isEmpty() && !options.allowPlaintext()) {
        return refuse(call, Status.UNAUTHENTICATED, "plaintext is not allowed; connect with TLS");
      }
      if (sessions.size() >= options.maxClients()) {
        return refuse(
            call,
            Status.RESOURCE_EXHAUSTED,
            "there are " + options.maxClients() + " clients already; try another control plane");
      }
      var evidence =
          new NodeAuthenticator.Evidence(
              headers,
              tls,
              Optional.ofNullable(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
      return Contexts.interceptCall(
          Context.current().withValue(EVIDENCE, evidence), call, headers, next);
    }

    private <Q, R> ServerCall.Listener<Q> refuse(ServerCall<Q, R> call, Status status, String why) {
      log.warn("{}: refused xDS client: {}", NodeRefusal.CODE, why);
      call.close(status.withDescription(NodeRefusal.CODE + ": " + why), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
