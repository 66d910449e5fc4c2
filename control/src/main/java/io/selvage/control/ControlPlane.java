package io.selvage.control;

import io.selvage.control.ControlPlaneStatus.Root;
import io.selvage.control.admin.DebugPages;
import io.selvage.control.generate.MeshState;
import io.selvage.control.generate.PolicyTranslation;
import io.selvage.control.jwks.JwksStore;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.control.source.ConfigSource;
import io.selvage.control.trust.ConfiguredRoots;
import io.selvage.control.trust.TrustBundles;
import io.selvage.control.workload.RemoteCluster.Subscription;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.XdsType;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.ClientStatus;
import io.selvage.xds.server.NodeAuthenticator;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane of one cluster: configuration, workloads, token keys and roots come in, and
 * what each proxy should have goes out by {@link #ads}.
 *
 * <p>Every change, whatever it is, does the same: {@link #rebuild} joins all inputs into a new
 * state and asks the ADS server to push what differs. Changes that come while it works make one
 * more round, not one each.
 */
public final class ControlPlane implements AutoCloseable {
  /** The mesh cannot be put together. */
  static final String STUCK = "SLV7307";

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  private final InstantSource clock;
  private final ConfigSource source;
  private final Workloads workloads;
  private final TrustBundles trust;
  private final ConfiguredRoots configuredRoots;
  private final JwksStore jwks;
  private final MeshResources resources;
  private final AdsServer ads;
  private final Instant startedAt;
  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-control").factory());
  private final ExecutorService fetches =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("selvage-jwks-", 0).factory());
  private final ExecutorService pushes;
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final AtomicLong pushed = new AtomicLong();
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Subscription workloadNotices;
  private final CopyOnWriteArrayList<Supplier<List<Problem>>> alsoAmiss =
      new CopyOnWriteArrayList<>();
  private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;
  private volatile List<Problem> notPutTogether = List.of();

  /**
   * What a control plane is made of.
   *
   * @param source where configuration is written; closed with the control plane
   * @param workloads who runs in this cluster, and next door
   * @param roots the own cluster's, to begin with
   * @param authenticator says who a connecting proxy is
   * @param translation how policies are translated
   * @param keyFetch how token keys are had
   * @param pushThreads how many proxies are sent something at the same time
   */
  public record Parts(
      ConfigSource source,
      Workloads workloads,
      TrustBundle roots,
      NodeAuthenticator authenticator,
      AdsServer.Options ads,
      PolicyTranslation translation,
      KeyFetch keyFetch,
      InstantSource clock,
      int pushThreads) {}

  private ControlPlane(Parts parts) {
    this.clock = parts.clock();
    this.startedAt = clock.instant();
    this.source = parts.source();
    this.workloads = parts.workloads();
    this.trust = new TrustBundles(parts.roots(), this::changed);
    this.configuredRoots = new ConfiguredRoots(trust);
    this.jwks = new JwksStore(parts.keyFetch(), fetches, clock, this::changed);
    this.resources = new MeshResources(parts.translation(), state(), parts.workloads().clients());
    this.pushes =
        Executors.newFixedThreadPool(
            parts.pushThreads(), Thread.ofPlatform().daemon().name("selvage-push-", 0).factory());
    this.ads = new AdsServer(resources, parts.authenticator(), clock, pushes, parts.ads());
    this.workloadNotices = workloads.onAnyChange(this::changed);
  }

  /**
   * Reads the configuration and begins to watch it; proxies can be served when this returns.
   *
   * @throws IOException when the source can't be read at all; nothing is left running then
   */
  public static ControlPlane start(Parts parts) throws IOException {
    ControlPlane plane = new ControlPlane(parts);
    try {
      plane.source.start(plane::configured);
      plane.rebuild();
      plane.ads.tells(new DebugPages(plane));
      var _ = plane.rounds.scheduleWithFixedDelay(plane::refreshKeys, 1, 1, TimeUnit.SECONDS);
      IdleCheck idle = new IdleCheck(plane.resources, plane::later, plane.ads::push);
      var _ = plane.rounds.scheduleWithFixedDelay(idle::second, 1, 1, TimeUnit.SECONDS);
      return plane;
    } catch (IOException | RuntimeException e) {
      plane.close();
      throw e;
    }
  }

  private void configured(MeshSnapshot fresh) {
    snapshot = fresh;
    jwks.require(fresh);
    configuredRoots.follow(fresh.meshConfig());
    LOG.info(
        "configuration {} has {} resources and {} problems",
        fresh.generation(),
        fresh.resources().size(),
        fresh.problems().size());
    changed();
  }

  /** Something came in: a round is to follow, if none waits already. */
  private void changed() {
    if (waiting.compareAndSet(false, true)) {
      later(this::rebuild, 0);
    }
  }

  /** Runs something on the control plane's thread; after its end, nothing. */
  private void later(Runnable task, long millis) {
    try {
      var _ = rounds.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("something came after the end", e);
    }
  }

  private synchronized void rebuild() {
    waiting.set(false);
    try {
      resources.update(state(resources.state()), workloads.clients());
      notPutTogether = List.of();
      pushed.incrementAndGet();
      ads.push();
      listeners.forEach(Runnable::run);
    } catch (RuntimeException e) {
      LOG.error("{} the mesh cannot be put together; proxies keep what they have", STUCK, e);
      notPutTogether =
          List.of(
              Problem.error(
                  STUCK,
                  SourceLocation.UNKNOWN,
                  "",
                  "the mesh cannot be put together; proxies keep what they have: " + e));
    }
  }

  private void refreshKeys() {
    try {
      jwks.refresh();
    } catch (RuntimeException e) {
      LOG.warn("{} token keys are not refreshed this time", JwksStore.UNREACHABLE, e);
    }
  }

  private MeshState state(MeshState last) {
    return MeshState.after(
        last,
        snapshot,
        workloads.all(),
        workloads.clusters(),
        jwks.keys(),
        trust.merged(),
        trust.federated());
  }

  private MeshState state() {
    return MeshState.of(
        snapshot,
        workloads.all(),
        workloads.clusters(),
        jwks.keys(),
        trust.merged(),
        trust.federated());
  }

  /** The ADS service, to be added to a gRPC server. */
  public AdsServer ads() {
    return ads;
  }

  /** The roots of this and the other clusters. */
  public TrustBundles trust() {
    return trust;
  }

  /** Who runs in this cluster. */
  public Workloads workloads() {
    return workloads;
  }

  /** The configuration in force. */
  public MeshSnapshot snapshot() {
    return resources.state().snapshot();
  }

  /** The services of the mesh with who is behind them, as proxies see them now. */
  public ServiceRegistry services() {
    return resources.state().services();
  }

  /** Where each rule that a proxy enforces is written, by the rule's id in logs. */
  public Map<String, SourceLocation> rules() {
    return resources.rules();
  }

  /** How many times a new state was handed to the ADS server. */
  public long pushes() {
    return pushed.get();
  }

  /** Has {@code listener} run after each round, on the control plane's thread: be quick. */
  public Subscription onRound(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Has the status tell these problems too, whatever they are when it is asked. */
  public void alsoTells(Supplier<List<Problem>> problems) {
    alsoAmiss.add(problems);
  }

  /**
   * The connected proxies that have not said yet that they hold exactly the trust bundle as it is
   * now. A root may begin to sign when its bundle is out and this is empty.
   */
  public Set<String> lackingRoots() {
    String wanted;
    synchronized (this) {
      if (!resources.state().roots().equals(trust.merged())) {
        rebuild();
      }
      wanted = resources.secretsVersion().orElse("");
    }
    Set<String> lacking = new TreeSet<>();
    Set<String> holding = new TreeSet<>();
    for (ClientStatus client : ads.status()) {
      boolean holds =
          client.types().stream()
              .anyMatch(
                  type -> type.type() == XdsType.SECRET && type.ackedVersion().equals(wanted));
      (holds ? holding : lacking).add(client.nodeId());
    }
    lacking.removeAll(holding); // a node may have several streams, as gRPC and its agent do
    return lacking;
  }

  /** How it stands. */
  public ControlPlaneStatus status() {
    MeshState state = resources.state();
    List<ClientStatus> clients = ads.status();
    List<Problem> problems = new ArrayList<>(state.snapshot().problems());
    problems.addAll(notPutTogether);
    problems.addAll(state.services().problems());
    problems.addAll(jwks.problems());
    problems.addAll(configuredRoots.problems());
    problems.addAll(resources.problems());
    alsoAmiss.forEach(more -> problems.addAll(more.get()));
    clients.forEach(client -> problems.addAll(refusals(client)));
    problems.sort(Comparator.comparing(Problem::severity));
    return new ControlPlaneStatus(
        workloads.id(),
        state.snapshot().meshConfig().trustDomain(),
        state.snapshot().generation(),
        startedAt,
        clients,
        problems,
        roots(state.roots()),
        workloads.instances().size(),
        state.services().services().size());
  }

  private static List<Problem> refusals(ClientStatus client) {
    List<Problem> refusals = new ArrayList<>();
    for (ClientStatus.TypeStatus type : client.types()) {
      if (type.state() == ClientStatus.State.NACKED) {
        refusals.add(
            Problem.error(
                ControlPlaneStatus.REFUSED_BY_PROXY,
                SourceLocation.UNKNOWN,
                "",
                "%s refused %s and keeps the last good: %s"
                    .formatted(
                        client.nodeId(),
                        type.type(),
                        type.nack().map(ClientStatus.Nack::detail).orElse("no reason given"))));
      }
    }
    return refusals;
  }

  private static List<Root> roots(TrustBundle bundle) {
    List<Root> roots = new ArrayList<>();
    for (int i = 0; i < bundle.roots().size(); i++) {
      var root = bundle.roots().get(i);
      roots.add(
          new Root(
              root.getSubjectX500Principal().getName(),
              bundle.fingerprints().get(i),
              root.getNotBefore().toInstant(),
              root.getNotAfter().toInstant()));
    }
    return roots;
  }

  /** Ends the watch and all pushes; proxies keep what they have. */
  @Override
  public void close() {
    source.close();
    workloadNotices.close();
    rounds.shutdownNow();
    fetches.shutdownNow();
    pushes.shutdownNow();
  }
}
