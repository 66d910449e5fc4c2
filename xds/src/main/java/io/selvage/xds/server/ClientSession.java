package io.selvage.xds.server;

import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.selvage.xds.XdsType;
import io.selvage.xds.admin.ConfigDumpBuilder;
import io.selvage.xds.admin.DumpedResource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream, of either variant. All of its state is guarded by itself; {@link #push} may
 * come from any thread.
 */
final class ClientSession {
  private static final Logger log = LoggerFactory.getLogger(ClientSession.class);
  static final ControlPlane SELVAGE = ControlPlane.newBuilder().setIdentifier("selvage").build();
  private static final int LONGEST_DETAIL = 4000;

  /** Of one type; what a client asks for is remembered, so it must end somewhere. */
  private static final int MOST_NAMES = 100_000;

  /** Makes the identity of a stream from its first request's node. */
  @FunctionalInterface
  interface Admission {
    NodeIdentity admit(NodeId node) throws NodeRefusal;
  }

  private final ResourceSource source;
  private final Admission admission;
  private final InstantSource clock;
  private final Instant connectedAt;
  private final String remote;
  private final Wire wire;
  private final PushBudget<ClientSession> budget;
  private final boolean delta;
  private final Map<XdsType, Subscription> subscriptions = new EnumMap<>(XdsType.class);
  private final AtomicBoolean pushPending = new AtomicBoolean();

  private @Nullable NodeIdentity identity;
  private boolean refused;
  private long nonces;

  /** Where responses go: one variant's message on one stream. */
  private interface Wire {
    boolean isReady();

    void send(XdsType type, String nonce, Subscription.Outgoing outgoing);

    void fail(Status status);
  }

  private ClientSession(
      ResourceSource source,
      Admission admission,
      InstantSource clock,
      String remote,
      Wire wire,
      PushBudget<ClientSession> budget,
      boolean delta) {
    this.source = source;
    this.admission = admission;
    this.clock = clock;
    this.connectedAt = clock.instant();
    this.remote = remote;
    this.wire = wire;
    this.budget = budget;
    this.delta = delta;
    for (XdsType type : XdsType.values()) {
      subscriptions.put(type, new Subscription(type, delta));
    }
  }

  static ClientSession delta(
      ResourceSource source,
      Admission admission,
      InstantSource clock,
      String remote,
      PushBudget<ClientSession> budget,
      ServerCallStreamObserver<DeltaMessage> out) {
    return new ClientSession(source, admission, clock, remote, new DeltaWire(out), budget, true);
  }

  static ClientSession world(
      ResourceSource source,
      Admission admission,
      InstantSource clock,
      String remote,
      PushBudget<ClientSession> budget,
      ServerCallStreamObserver<DiscoveryResponse> out) {
    return new ClientSession(source, admission, clock, remote, new WorldWire(out), budget, false);
  }

  synchronized void onRequest(DeltaDiscoveryRequest request) {
    Subscription subscription = subscription(request.getNode(), request.getTypeUrl());
    if (subscription == null) {
      return;
    }
    if (!request.getResponseNonce().isEmpty()) {
      answer(
          subscription,
          request.getTypeUrl(),
          request.getResponseNonce(),
          request.hasErrorDetail() ? Optional.of(request.getErrorDetail()) : Optional.empty());
    }
    boolean plainAnswer =
        !request.getResponseNonce().isEmpty()
            && request.getResourceNamesSubscribeCount() == 0
            && request.getResourceNamesUnsubscribeCount() == 0;
    if (!plainAnswer) {
      subscription.onDelta(
          request.getResourceNamesSubscribeList(),
          request.getResourceNamesUnsubscribeList(),
          request.getInitialResourceVersionsMap());
    }
    answerOrRefuse(subscription);
  }

  synchronized void onRequest(DiscoveryRequest request) {
    Subscription subscription = subscription(request.getNode(), request.getTypeUrl());
    if (subscription == null) {
      return;
    }
    String nonce = request.getResponseNonce();
    if (!nonce.isEmpty()) {
      if (!subscription.isLast(nonce)) {
        return; // stale: the client will answer the newer response too
      }
      answer(
          subscription,
          request.getTypeUrl(),
          nonce,
          request.hasErrorDetail() ? Optional.of(request.getErrorDetail()) : Optional.empty());
    }
    subscription.onNames(request.getResourceNamesList());
    answerOrRefuse(subscription);
  }

  private void answerOrRefuse(Subscription subscription) {
    if (subscription.size() <= MOST_NAMES) {
      flush();
      return;
    }
    identity = null;
    refused = true;
    String why = "more than " + MOST_NAMES + " resources asked for";
    log.warn("{}: refused xDS client {}: {}", NodeRefusal.CODE, remote, why);
    wire.fail(Status.RESOURCE_EXHAUSTED.withDescription(NodeRefusal.CODE + ": " + why));
  }

  /** Null when the request is refused or of a type that isn't served; both are dealt with. */
  private @Nullable Subscription subscription(Node node, String typeUrl) {
    if (identity == null && (refused || !admit(node))) {
      return null;
    }
    // Types that are not served are left unanswered: Envoy asks for some that it can do without.
    return XdsType.ofUrl(typeUrl).map(subscriptions::get).orElse(null);
  }

  private boolean admit(Node node) {
    try {
      identity = admission.admit(NodeId.of(node));
      return true;
    } catch (NodeRefusal | IllegalArgumentException e) {
      refused = true;
      log.warn("{}: refused xDS client {}: {}", NodeRefusal.CODE, remote, e.getMessage());
      wire.fail(Status.PERMISSION_DENIED.withDescription(NodeRefusal.CODE + ": " + e.getMessage()));
      return false;
    }
  }

  private void answer(
      Subscription subscription,
      String typeUrl,
      String nonce,
      Optional<com.google.rpc.Status> error) {
    if (!subscription.isAnswer(nonce)) {
      return;
    }
    if (error.isEmpty()) {
      subscription.onAck();
      return;
    }
    String said = error.get().getMessage();
    String detail = said.length() > LONGEST_DETAIL ? said.substring(0, LONGEST_DETAIL) : said;
    log.warn("SLV7001: {} refused {}: {}", nodeId(), typeUrl, detail.replaceAll("\\p{Cntrl}", " "));
    subscription.onNack(detail, clock.instant());
  }

  /** The snapshot may have changed; returns false when a push is on its way already. */
  boolean claimPush() {
    return pushPending.compareAndSet(false, true);
  }

  /** Sends what is new, if the client is ready for it. */
  void push() {
    pushPending.set(false);
    synchronized (this) {
      flush();
    }
  }

  private void flush() {
    NodeIdentity who = identity;
    if (who == null) {
      return;
    }
    NodeSnapshot snapshot = source.snapshot(who);
    if (!snapshot.isKnown()) {
      return; // a push comes when it is
    }
    for (XdsType type : XdsType.values()) {
      if (!wire.isReady()) {
        return; // comes again when the client has read
      }
      send(type, snapshot.of(type));
    }
    if (wire.isReady()) {
      budget.read(this);
    }
  }

  private void send(XdsType type, TypeResources resources) {
    Subscription subscription = subscription(type);
    String nonce = Long.toHexString(nonces + 1);
    subscription
        .next(resources, nonce, bytes -> budget.take(this, bytes))
        .ifPresent(
            outgoing -> {
              nonces++;
              subscription.sent(clock.instant());
              wire.send(type, nonce, outgoing);
              dependants(type, outgoing);
            });
  }

  /**
   * Envoy waits for endpoints after each new cluster, for routes after each new listener; delta
   * clients ask for the routes again themselves, but not for endpoints that they have
   * (envoyproxy/envoy#33607).
   */
  private void dependants(XdsType type, Subscription.Outgoing outgoing) {
    if (delta) {
      if (type == XdsType.CLUSTER) {
        subscription(XdsType.ENDPOINTS).resend(outgoing.resources());
      }
      return;
    }
    switch (type) {
      case CLUSTER -> subscription(XdsType.ENDPOINTS).resend();
      case LISTENER -> subscription(XdsType.ROUTES).resend();
      case ENDPOINTS, EXTENSION, ROUTES, SECRET -> {}
    }
  }

  private Subscription subscription(XdsType type) {
    return java.util.Objects.requireNonNull(subscriptions.get(type), "one for each type");
  }

  private String nodeId() {
    return identity == null ? "?" : identity.node().text();
  }

  /** Empty before the client has said who it is. */
  synchronized Optional<ClientStatus> status() {
    NodeIdentity who = identity;
    if (who == null) {
      return Optional.empty();
    }
    NodeSnapshot snapshot = source.snapshot(who);
    List<ClientStatus.TypeStatus> types = new ArrayList<>();
    subscriptions.forEach((type, of) -> types.add(of.status(snapshot.of(type))));
    return Optional.of(
        new ClientStatus(
            who.node().text(),
            who.spiffeId().map(Object::toString),
            remote,
            connectedAt,
            delta,
            who.node().metadata(),
            types));
  }

  /**
   * What the client should have of what it asked for, under the versions that it is given; empty
   * before it has said who it is. Of secrets only what may be shown; filters that listeners name
   * are in these, too.
   */
  synchronized Optional<ConfigDump> configDump(boolean withEndpoints) {
    NodeIdentity who = identity;
    if (who == null) {
      return Optional.empty();
    }
    NodeSnapshot snapshot = source.snapshot(who);
    ConfigDumpBuilder dump = ConfigDumpBuilder.dynamic();
    WholeListeners listeners = extensions(snapshot);
    subscriptions.forEach(
        (type, of) -> {
          TypeResources now = snapshot.of(type);
          ClientStatus.TypeStatus status = of.status(now);
          dump.version(type, now.version());
          of.wanted(now).stream()
              .sorted(Comparator.comparing(EncodedResource::name))
              .forEach(resource -> dump.add(dumped(resource, listeners, now.version(), status)));
        });
    return Optional.of(dump.build(withEndpoints));
  }

  private WholeListeners extensions(NodeSnapshot snapshot) {
    TypeResources now = snapshot.of(XdsType.EXTENSION);
    return new WholeListeners(now, subscription(XdsType.EXTENSION).status(now).currentNack());
  }

  private static DumpedResource dumped(
      EncodedResource resource,
      WholeListeners listeners,
      String version,
      ClientStatus.TypeStatus status) {
    WholeListeners.Shown shown = listeners.shown(resource);
    return new DumpedResource(
        resource.type(),
        resource.name(),
        version,
        Optional.of(DumpedResource.showable(resource.type(), shown.content())),
        status.sentAt(),
        status
            .currentNack()
            .or(shown::refused)
            .map(nack -> new DumpedResource.Refusal(nack.detail(), nack.at())));
  }

  private record DeltaWire(ServerCallStreamObserver<DeltaMessage> out) implements Wire {
    @Override
    public boolean isReady() {
      return out.isReady() && !out.isCancelled();
    }

    @Override
    public void send(XdsType type, String nonce, Subscription.Outgoing outgoing) {
      out.onNext(DeltaMessage.of(type.url(), nonce, outgoing));
    }

    @Override
    public void fail(Status status) {
      ClientSession.fail(out, status);
    }
  }

  private record WorldWire(ServerCallStreamObserver<DiscoveryResponse> out) implements Wire {
    @Override
    public boolean isReady() {
      return out.isReady() && !out.isCancelled();
    }

    @Override
    public void send(XdsType type, String nonce, Subscription.Outgoing outgoing) {
      DiscoveryResponse.Builder response =
          DiscoveryResponse.newBuilder()
              .setTypeUrl(type.url())
              .setNonce(nonce)
              .setVersionInfo(outgoing.version())
              .setControlPlane(SELVAGE);
      outgoing.resources().forEach(resource -> response.addResources(resource.any()));
      out.onNext(response.build());
    }

    @Override
    public void fail(Status status) {
      ClientSession.fail(out, status);
    }
  }

  private static void fail(ServerCallStreamObserver<?> out, Status status) {
    if (!out.isCancelled()) {
      out.onError(new StatusRuntimeException(status));
    }
  }
}
