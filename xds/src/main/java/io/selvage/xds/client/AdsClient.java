package io.selvage.xds.client;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.SynchronizationContext;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseProblem;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.TlsSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a proxy configured from a control plane: subscribes to clusters and listeners, follows what
 * they name, hands on each whole configuration, and answers every response.
 *
 * <p>A response with anything bad in it is refused as a whole, with all reasons, and the last good
 * configuration stays. A good response is acknowledged when its user took the configuration that it
 * completes, or at once when others must come first. When the stream is lost, the client comes back
 * by itself and says what it has.
 */
public final class AdsClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdsClient.class);

  /** Envoy's {@code initial_fetch_timeout}: after it, what is whole is used without the rest. */
  private static final Duration FIRST_CONFIG = Duration.ofSeconds(15);

  private final NodeDescription node;
  private final Connection connection;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final ConfigListener listener;
  private final References references;
  private final Backoff backoff;
  private final Map<XdsType, TypeWorld> worlds = new EnumMap<>(XdsType.class);
  private final Set<XdsType> started = java.util.EnumSet.noneOf(XdsType.class);
  private final SynchronizationContext loop =
      new SynchronizationContext(
          (_, cause) -> log.error("the xDS client failed; it keeps what it has", cause));

  private ProxyConfig last = ProxyConfig.EMPTY;
  private boolean published;
  private boolean waitedEnough;
  private boolean closed;
  private List<String> waiting = List.of();
  private @Nullable Link link;
  private @Nullable Instant connectedSince;
  private ClientState.@Nullable Failure lastError;
  private Runnable cancelReconnect = () -> {};
  private Runnable cancelFirst = () -> {};
  private volatile ClientState state;

  /**
   * How the control plane is reached.
   *
   * @param channel makes a new channel for each attempt; the client shuts it down
   * @param headers for each attempt, such as {@code authorization}
   * @param delta true: incremental xDS, else state of the world
   */
  public record Connection(
      Supplier<ManagedChannel> channel, Supplier<Metadata> headers, boolean delta) {
    /** Incremental xDS without headers. */
    public static Connection delta(Supplier<ManagedChannel> channel) {
      return new Connection(channel, Metadata::new, true);
    }
  }

  /** One stream and its channel; what a former one still brings is ignored. */
  private final class Link implements AdsStream.Receiver {
    final ManagedChannel channel = connection.channel().get();
    @Nullable AdsStream stream;

    @Override
    public void onDelta(
        XdsType type,
        String version,
        String nonce,
        List<Resource> resources,
        List<String> removed) {
      loop.execute(
          () -> {
            if (link == this) {
              world(type).takeDelta(resources, removed);
              onResponse(type, version, nonce);
            }
          });
    }

    @Override
    public void onWorld(XdsType type, String version, String nonce, List<Any> resources) {
      loop.execute(
          () -> {
            if (link == this) {
              world(type).takeWorld(resources);
              onResponse(type, version, nonce);
            }
          });
    }

    @Override
    public void onEnd(String why) {
      loop.execute(
          () -> {
            if (link == this) {
              disconnected(why);
            }
          });
    }
  }

  /** Gives a channel the keepalive by which a control plane that vanished is noticed. */
  public static NettyChannelBuilder shape(NettyChannelBuilder builder) {
    return builder.keepAliveTime(30, TimeUnit.SECONDS).keepAliveTimeout(10, TimeUnit.SECONDS);
  }

  /**
   * A client that does nothing until {@link #start}. It asks for every secret but the workload's
   * own certificate: its key is made in this process and stays here, and the CA signs a request for
   * it.
   */
  public AdsClient(
      NodeDescription node,
      Connection connection,
      Scheduler scheduler,
      InstantSource clock,
      RandomGenerator random,
      ConfigListener listener) {
    this(
        node,
        connection,
        scheduler,
        clock,
        random,
        listener,
        Set.of(TlsSettings.WORKLOAD_CERTIFICATE));
  }

  /**
   * A client that does nothing until {@link #start}.
   *
   * @param held names of secrets that are not asked for, since whoever uses the configuration has
   *     them; {@code default} must be one
   */
  public AdsClient(
      NodeDescription node,
      Connection connection,
      Scheduler scheduler,
      InstantSource clock,
      RandomGenerator random,
      ConfigListener listener,
      Set<String> held) {
    if (!held.contains(TlsSettings.WORKLOAD_CERTIFICATE)) {
      throw new IllegalArgumentException("the workload's own key comes from no control plane");
    }
    this.references = new References(held);
    this.node = node;
    this.connection = connection;
    this.scheduler = scheduler;
    this.clock = clock;
    this.listener = listener;
    this.backoff = new Backoff(random);
    Arrays.stream(XdsType.values()).forEach(type -> worlds.put(type, new TypeWorld(type)));
    this.state = newState();
  }

  /** Connects, now and whenever the stream is lost. Returns at once. */
  public void start() {
    loop.execute(
        () -> {
          cancelFirst = scheduler.after(FIRST_CONFIG, () -> loop.execute(this::firstIsLate));
          connect();
        });
  }

  /** Who it says it is. */
  public NodeDescription node() {
    return node;
  }

  /** How it stands; any thread. */
  public ClientState state() {
    return state;
  }

  /** Leaves the control plane; the configuration stays with its user. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          cancelReconnect.run();
          cancelFirst.run();
          Link open = link;
          link = null;
          if (open != null) {
            AdsStream stream = open.stream;
            if (stream != null) {
              stream.close();
            }
            open.channel.shutdownNow();
          }
          connectedSince = null;
          state = newState();
        });
  }

  private void connect() {
    if (closed) {
      return;
    }
    try {
      open();
    } catch (RuntimeException e) {
      // A certificate that cannot be used now, say: the next attempt may have another.
      disconnected("no channel can be opened: " + e);
    }
  }

  private void open() {
    Link fresh = new Link();
    link = fresh;
    started.clear();
    AdsStream stream =
        AdsStream.open(
            connection.delta(), fresh.channel, connection.headers().get(), introduced(), fresh);
    fresh.stream = stream;
    for (XdsType type : XdsType.values()) {
      TypeWorld world = world(type);
      if (type.isWholeSet() || !world.wanted().isEmpty()) {
        started.add(type);
        stream.start(type, world.wanted(), world.versions());
      }
    }
  }

  /**
   * What is gone is only said in delta xDS, and a listener that waits for a filter which is gone is
   * what keeps policies and listeners that change at once from being mixed.
   */
  private Node introduced() {
    Node.Builder introduced = node.node().toBuilder();
    if (connection.delta()) {
      introduced.addClientFeatures(EnvoyNames.DISCOVERS_AUTHORIZATION);
    }
    return introduced.build();
  }

  private void disconnected(String why) {
    Link lost = link;
    link = null;
    if (lost != null) {
      lost.channel.shutdownNow();
    }
    worlds.values().forEach(TypeWorld::disconnected);
    connectedSince = null;
    Duration delay = backoff.next();
    lastError = new ClientState.Failure(clock.instant(), "SLV7002: " + why);
    log.warn(
        "SLV7002: no xDS stream ({}); going on with the last good configuration, again in {} ms",
        why,
        delay.toMillis());
    cancelReconnect = scheduler.after(delay, () -> loop.execute(this::connect));
    state = newState();
  }

  private void onResponse(XdsType type, String version, String nonce) {
    if (connectedSince == null) {
      connectedSince = clock.instant();
      backoff.reset();
    }
    TypeWorld world = world(type);
    List<ParseProblem> problems = world.problems();
    if (!problems.isEmpty()) {
      refuse(type, nonce, ParseResult.describe(problems));
      return;
    }
    Runnable takeBack = world.accept(version, clock.instant());
    try {
      follow();
      publish();
      answer(type, version, nonce, null);
    } catch (ConfigRejected e) {
      takeBack.run();
      refuse(type, nonce, ParseProblem.CODE + ": " + e.getMessage());
      follow();
    } catch (RuntimeException e) {
      // A defect of the user must not leave the control plane without an answer.
      log.error("a configuration could not be used", e);
      takeBack.run();
      refuse(type, nonce, ParseProblem.CODE + ": it cannot be used here: " + e);
      follow();
    }
    state = newState();
  }

  private void refuse(XdsType type, String nonce, String why) {
    log.warn("refused {} of {}: {}", type, node.id(), why);
    world(type).refuse(why, clock.instant());
    answer(type, "", nonce, why);
    state = newState();
  }

  private void answer(XdsType type, String version, String nonce, @Nullable String error) {
    AdsStream stream = stream();
    if (stream != null) {
      stream.answer(type, world(type).wanted(), version, nonce, error);
    }
  }

  /** Subscribes to what the accepted clusters and listeners name, and to nothing else. */
  private void follow() {
    Set<String> endpoints = new TreeSet<>();
    Set<String> routes = new TreeSet<>();
    Set<String> extensions = new TreeSet<>();
    Set<String> secrets = new TreeSet<>();
    for (Cluster cluster : world(XdsType.CLUSTER).all(Cluster.class)) {
      References.endpoints(cluster).ifPresent(endpoints::add);
      secrets.addAll(references.secrets(cluster));
    }
    for (Listener each : world(XdsType.LISTENER).all(Listener.class)) {
      routes.addAll(References.routes(each));
      extensions.addAll(References.extensions(each));
      secrets.addAll(references.secrets(each));
    }
    want(XdsType.ENDPOINTS, endpoints);
    want(XdsType.ROUTES, routes);
    want(XdsType.EXTENSION, extensions);
    want(XdsType.SECRET, secrets);
  }

  private void want(XdsType type, Set<String> names) {
    TypeWorld world = world(type);
    Set<String> before = world.wanted();
    if (before.equals(names)) {
      return;
    }
    List<String> more = names.stream().filter(name -> !before.contains(name)).toList();
    List<String> less = before.stream().filter(name -> !names.contains(name)).toList();
    world.want(names);
    AdsStream stream = stream();
    if (stream == null) {
      return;
    }
    if (started.add(type)) {
      stream.start(type, world.wanted(), world.versions());
    } else {
      stream.change(type, world.wanted(), more, less);
    }
  }

  private void publish() throws ConfigRejected {
    Assembly.Result result = Assembly.assemble(this::world, references, last);
    waiting = result.waiting();
    boolean both = world(XdsType.CLUSTER).isAnswered() && world(XdsType.LISTENER).isAnswered();
    boolean whole = published || waitedEnough || waiting.isEmpty();
    if (!both || !whole || (published && result.config().equals(last))) {
      return;
    }
    listener.onConfig(result.config());
    last = result.config();
    published = true;
    cancelFirst.run();
  }

  private void firstIsLate() {
    waitedEnough = true;
    try {
      publish();
    } catch (ConfigRejected | RuntimeException e) {
      log.warn("{}: {}", ParseProblem.CODE, e.getMessage());
    }
    state = newState();
  }

  private @Nullable AdsStream stream() {
    Link now = link;
    return now == null ? null : now.stream;
  }

  private TypeWorld world(XdsType type) {
    return Objects.requireNonNull(worlds.get(type), "one for each type");
  }

  private ClientState newState() {
    List<ClientState.TypeState> types = new ArrayList<>();
    worlds.values().forEach(world -> types.add(world.state()));
    return new ClientState(
        Optional.ofNullable(connectedSince),
        Optional.ofNullable(lastError),
        List.copyOf(types),
        waiting);
  }
}
