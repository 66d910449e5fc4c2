package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.source.ClusterContents.ObjectId;
import io.selvage.control.source.ConfigSource;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kubernetes cluster as the source of a mesh: Istio's resources and Kubernetes' own become
 * snapshots, Pods become the registry's workloads.
 *
 * <p>The watches' notices say which object to look at; what it is now comes from their stores, so
 * that a notice too many or out of order changes nothing. While the API server is away everything
 * stays as it was last told, and a {@link Problem} says so.
 */
public final class KubernetesSource implements ConfigSource {
  /** The API server cannot be asked: what it said last stays in force. */
  public static final String AWAY = "SLV7220";

  /** A CustomResourceDefinition that a mesh needs is not there. */
  public static final String NO_DEFINITION = "SLV7221";

  private static final long TICK = 200;
  private static final int PATIENCE = 5; // ticks without a watch before it is told
  private static final int DISCOVERY = 5; // ticks between looks for kinds that are not served
  private static final String MESH_MAP = "istio";

  private static final Logger LOG = LoggerFactory.getLogger(KubernetesSource.class);

  private final KubernetesClient client;
  private final String rootNamespace;
  private final Workloads workloads;
  private final StatusSink statuses;
  private final Revisions revisions;
  private final List<WatchedKind> kinds;
  private final ClusterContents contents;
  private final Map<WatchedKind, ObjectWatch<GenericKubernetesResource>> watches =
      new ConcurrentHashMap<>();
  private final Map<WatchedKind, Problem> absent = new EnumMap<>(WatchedKind.class);
  private final List<ObjectWatch<?>> all = new ArrayList<>();
  private final Set<ObjectId> touched = new LinkedHashSet<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-kubernetes").factory());
  private volatile @Nullable ObjectWatch<SeenPod> pods;
  private @Nullable ObjectWatch<Node> nodes;
  private @Nullable ObjectWatch<GenericKubernetesResource> meshMap;
  private volatile @Nullable Consumer<MeshSnapshot> listener;
  private volatile boolean closed;
  private volatile boolean published;
  private int ticks;
  private int ticksAway;
  private Optional<Problem> away = Optional.empty();

  /** Who writes what is thought of an object into its status. */
  interface StatusSink {
    /** Says what is thought of an object as it is now; must return at once. */
    void judged(GenericKubernetesResource object, Verdict verdict);
  }

  private KubernetesSource(
      KubernetesClient client,
      String rootNamespace,
      Workloads workloads,
      StatusSink statuses,
      Revisions revisions,
      List<WatchedKind> kinds) {
    this.client = ClusterConnection.withoutWriters(client);
    this.revisions = revisions;
    this.kinds = kinds;
    this.rootNamespace = rootNamespace;
    this.contents = new ClusterContents(rootNamespace);
    this.workloads = workloads;
    this.statuses = statuses;
  }

  /**
   * A cluster that isn't read yet.
   *
   * @param client closed by whoever opened it
   * @param rootNamespace where the ConfigMap {@code istio} holds the mesh's settings
   * @param workloads gets the cluster's Pods
   * @param revisions which of Istio's resources are in force
   */
  public static KubernetesSource of(
      KubernetesClient client,
      String rootNamespace,
      Workloads workloads,
      StatusWriter statuses,
      Revisions revisions) {
    return new KubernetesSource(
        client, rootNamespace, workloads, statuses, revisions, List.of(WatchedKind.values()));
  }

  /** The same for a neighbour, whose Istio resources are its own control plane's business. */
  public static KubernetesSource ofNeighbour(
      KubernetesClient client, String rootNamespace, Workloads workloads) {
    return new KubernetesSource(
        client,
        rootNamespace,
        workloads,
        (object, verdict) -> LOG.debug("{}: its own control plane judges it", verdict),
        Revisions.EVERY,
        WatchedKind.OF_NEIGHBOUR);
  }

  /** Waits for the API server as long as it takes. */
  @Override
  public void start(Consumer<MeshSnapshot> to) throws IOException {
    listener = to;
    for (WatchedKind kind : kinds) {
      if (!kind.isCustom()) {
        watch(kind, kind.versions().getFirst());
      }
    }
    pods =
        keep(
            ObjectWatch.start(
                "Pod", client.resources(SeenPod.class).inAnyNamespace(), this::podTouched));
    nodes =
        keep(
            ObjectWatch.start(
                "Node",
                client.nodes(),
                () -> new KeptObjects<>(KubernetesSource::trimmed),
                node -> touched(id("Node", node))));
    meshMap =
        keep(
            ObjectWatch.start(
                "ConfigMap " + rootNamespace + "/" + MESH_MAP,
                client
                    .genericKubernetesResources(configMaps())
                    .inNamespace(rootNamespace)
                    .withName(MESH_MAP),
                map -> touched(id("ConfigMap", map))));
    var _ = worker.scheduleWithFixedDelay(this::tickSafely, 0, TICK, TimeUnit.MILLISECONDS);
    try {
      begun.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the cluster was read");
    }
    if (!published) {
      throw new IOException("closed before the cluster was read");
    }
  }

  /** Of a node only its labels matter; its status changes all the time. */
  private static Node trimmed(Node node) {
    node.setSpec(null);
    node.setStatus(null);
    node.getMetadata().setAnnotations(null);
    return node;
  }

  private static ResourceDefinitionContext configMaps() {
    return new ResourceDefinitionContext.Builder()
        .withVersion("v1")
        .withKind("ConfigMap")
        .withPlural("configmaps")
        .withNamespaced(true)
        .build();
  }

  private <T extends ObjectWatch<?>> T keep(T watch) {
    synchronized (all) {
      all.add(watch);
    }
    return watch;
  }

  private void watch(WatchedKind kind, String version) {
    watches.put(
        kind,
        keep(
            ObjectWatch.start(
                kind.kind(),
                client.genericKubernetesResources(kind.context(version)).inAnyNamespace(),
                object -> touched(id(kind.kind(), object)))));
  }

  private static ObjectId id(String kind, io.fabric8.kubernetes.api.model.HasMetadata object) {
    return new ObjectId(
        kind,
        Optional.ofNullable(object.getMetadata().getNamespace()).orElse(""),
        object.getMetadata().getName());
  }

  private void podTouched(SeenPod pod) {
    touched(id("Pod", pod));
  }

  private void touched(ObjectId id) {
    synchronized (touched) {
      touched.add(id);
    }
    if (published && scheduled.compareAndSet(false, true)) {
      try {
        worker.execute(this::workSafely);
      } catch (RejectedExecutionException e) {
        LOG.debug("{} changed after the end", id);
      }
    }
  }

  private void tickSafely() {
    try {
      tick();
    } catch (RuntimeException e) {
      LOG.warn("{} the cluster cannot be looked at this time: {}", AWAY, e.toString());
    }
  }

  private void workSafely() {
    scheduled.set(false);
    try {
      if (work()) {
        publish();
      }
    } catch (RuntimeException e) {
      LOG.error("SLV7307 a change of the cluster cannot be taken in", e);
    }
  }

  /** Looks for what nobody gives notice of: kinds that begin to be served, and lost watches. */
  private void tick() {
    boolean news = (!published || ticks++ % DISCOVERY == 0) && discover();
    if (!published) {
      if (!complete()) {
        return;
      }
      begin();
      return;
    }
    news |= lookAtWatches();
    news |= work();
    if (news) {
      publish();
    }
  }

  private boolean discover() {
    boolean news = false;
    for (WatchedKind kind : kinds) {
      if (!watches.containsKey(kind)) {
        Optional<String> version;
        try {
          version = ServedVersions.of(client, kind);
        } catch (KubernetesClientException e) {
          LOG.debug("{}: discovery fails: {}", kind, e.getMessage());
          return news; // nobody knows; while it isn't known the first time, nothing begins
        }
        if (version.isPresent()) {
          watch(kind, version.get());
          news |= absent.remove(kind) != null;
        } else if (!absent.containsKey(kind)) {
          absent.put(kind, noDefinition(kind));
          news = true;
        }
      }
    }
    return news;
  }

  private static Problem noDefinition(WatchedKind kind) {
    return Problem.warning(
        NO_DEFINITION,
        new SourceLocation("CustomResourceDefinition " + kind.definition(), 0, 0),
        "",
        "the cluster does not serve it, so no %s can be written; it is taken up once it is there"
            .formatted(kind.kind()));
  }

  /** Whether all that can be known is known, so that a first snapshot would lack nothing. */
  private boolean complete() {
    for (WatchedKind kind : kinds) {
      if (!watches.containsKey(kind) && !absent.containsKey(kind)) {
        return false;
      }
    }
    synchronized (all) {
      return all.stream().allMatch(ObjectWatch::isSynced);
    }
  }

  private void begin() {
    for (Map.Entry<WatchedKind, ObjectWatch<GenericKubernetesResource>> entry :
        watches.entrySet()) {
      entry.getValue().all().forEach(object -> touched(id(entry.getKey().kind(), object)));
    }
    Optional.ofNullable(meshMap)
        .ifPresent(watch -> watch.all().forEach(map -> touched(id("ConfigMap", map))));
    synchronized (touched) {
      // All of them are looked at now, and any that changes later is touched again.
      touched.removeIf(id -> id.kind().equals("Pod") || id.kind().equals("Node"));
    }
    allPods();
    work();
    lookAtWatches();
    published = true;
    publish();
    begun.countDown();
  }

  private void allPods() {
    ObjectWatch<SeenPod> watch = pods;
    if (watch != null) {
      workloads.replaceAll(
          watch.all().stream().map(this::instance).flatMap(Optional::stream).toList());
    }
  }

  private Optional<WorkloadInstance> instance(SeenPod pod) {
    return PodInstances.of(
        pod, workloads.id(), name -> Optional.ofNullable(nodes).flatMap(n -> n.get("", name)));
  }

  /** Takes in what was touched; returns whether the snapshot may be another. */
  private boolean work() {
    List<ObjectId> now;
    synchronized (touched) {
      now = List.copyOf(touched);
      touched.clear();
    }
    boolean news = false;
    boolean nodeNews = false;
    for (ObjectId id : now) {
      switch (id.kind()) {
        case "Pod" -> pod(id);
        case "Node" -> nodeNews = true;
        default -> news |= object(id);
      }
    }
    if (nodeNews) {
      allPods();
    }
    return news;
  }

  private void pod(ObjectId id) {
    Optional<WorkloadInstance> instance =
        Optional.ofNullable(pods)
            .flatMap(watch -> watch.get(id.namespace(), id.name()))
            .flatMap(this::instance);
    if (instance.isPresent()) {
      workloads.put(instance.get());
    } else {
      workloads.remove(id.namespace(), id.name());
    }
  }

  private boolean object(ObjectId id) {
    Optional<ObjectWatch.Seen<GenericKubernetesResource>> seen =
        watchOf(id).flatMap(watch -> watch.seen(id.namespace(), id.name()));
    if (seen.isEmpty()) {
      return contents.remove(id);
    }
    GenericKubernetesResource object = seen.get().object();
    String version = seen.get().reading() + "/" + object.getMetadata().getResourceVersion();
    boolean custom = WatchedKind.of(id.kind()).filter(WatchedKind::isCustom).isPresent();
    boolean news = false;
    if (!contents.isRead(id, version)) {
      news = custom ? configured(id, version, object) : contents.put(id, version, read(id, object));
    }
    if (id.kind().equals("Namespace") && id.name().equals(rootNamespace)) {
      workloads.network(PodInstances.network(object));
    }
    if (!custom) {
      object.setAdditionalProperties(new LinkedHashMap<>()); // this version is read by now
    }
    return news;
  }

  /** Takes in one of Istio's resources, if it is meant for this control plane. */
  private boolean configured(ObjectId id, String version, GenericKubernetesResource object) {
    Map<String, String> labels =
        Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of());
    Optional<Problem> elsewhere = revisions.elsewhere(id.toString(), labels);
    if (elsewhere.isPresent()) {
      // Whose status is the other's to write, unless it still has what was said here before.
      if (StatusWriter.isTold(object)) {
        statuses.judged(object, Verdict.elsewhere(elsewhere.get()));
      }
      return contents.put(
          id, version, new ReadResult(List.of(), List.of(), List.of(elsewhere.get())));
    }
    boolean news = contents.put(id, version, read(id, object));
    contents.verdict(id).ifPresent(verdict -> statuses.judged(object, verdict));
    return news;
  }

  private static ReadResult read(ObjectId id, GenericKubernetesResource object) {
    return ResourceReader.readObject(id.toString(), ObjectTrees.of(object));
  }

  private Optional<ObjectWatch<GenericKubernetesResource>> watchOf(ObjectId id) {
    return id.kind().equals("ConfigMap")
        ? Optional.ofNullable(meshMap)
        : WatchedKind.of(id.kind()).map(watches::get);
  }

  /** Whether what is heard of the API server has changed. */
  private boolean lookAtWatches() {
    Optional<Problem> now;
    synchronized (all) {
      now =
          all.stream()
              .flatMap(watch -> watch.trouble().map(why -> away(watch.what(), why)).stream())
              .findFirst();
    }
    ticksAway = now.isPresent() ? ticksAway + 1 : 0;
    if (now.isPresent() && ticksAway < PATIENCE) {
      return false;
    }
    boolean news = now.isPresent() != away.isPresent();
    if (news) {
      now.ifPresentOrElse(
          problem -> LOG.warn("{} {}", AWAY, problem.render()),
          () -> LOG.info("the API server is back, and all of it is watched again"));
      away = now;
    }
    return news;
  }

  private static Problem away(String what, String why) {
    return Problem.warning(
        AWAY,
        new SourceLocation(what, 0, 0),
        "",
        "the API server does not let it be watched (%s); what it said last stays in force"
            .formatted(why));
  }

  private void publish() {
    Consumer<MeshSnapshot> to = listener;
    if (to != null && !closed) {
      List<Problem> more = new ArrayList<>(absent.values());
      away.ifPresent(more::add);
      to.accept(contents.snapshot(more));
    }
  }

  /** Why not all of it is watched; empty when it is. */
  public Optional<String> trouble() {
    synchronized (all) {
      return all.stream().flatMap(watch -> watch.trouble().stream()).findFirst();
    }
  }

  /** The cluster's Pods as they are known now; empty before {@link #start}. */
  public Optional<ObjectWatch<SeenPod>> pods() {
    return Optional.ofNullable(pods);
  }

  /** The cluster's objects of a kind as they are known now. */
  public Optional<ObjectWatch<GenericKubernetesResource>> objects(WatchedKind kind) {
    return Optional.ofNullable(watches.get(kind));
  }

  @Override
  public void close() {
    closed = true;
    worker.shutdownNow();
    begun.countDown();
    try {
      var _ = worker.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (all) {
      all.forEach(ObjectWatch::close);
    }
    client.close();
  }
}
