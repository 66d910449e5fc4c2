package io.selvage.control.kubernetes.remote;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.auth.Authenticator;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.source.ObjectWatch;
import io.selvage.control.workload.Workloads;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.pki.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other clusters of the mesh, by the Secrets that name them in Istio's format: labelled {@code
 * istio/multiCluster=true}, in the control plane's namespace, each key a cluster id and each value
 * a kubeconfig. A cluster joins once it is read; with other credentials it goes on as it was until
 * those are good; it leaves with its Secret.
 */
public final class RemoteClusters implements AutoCloseable {
  /** A kubeconfig cannot be used. */
  public static final String REFUSED = "SLV7260";

  /** A cluster's API does not answer. */
  public static final String AWAY = "SLV7261";

  /** Two Secrets name the same cluster. */
  public static final String TWICE = "SLV7262";

  /** The label of such a Secret; its value is {@code true}. */
  public static final String LABEL = "istio/multiCluster";

  /**
   * Annotation of such a Secret: the trust domain that its clusters may have. Without it, they say
   * themselves which they have.
   */
  public static final String TRUST_DOMAIN = "selvage.io/trust-domain";

  /** How long a start waits for clusters that do not answer, as an istiod does. */
  public static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** How it stands with a cluster that is read. */
  public static final String JOINED = "joined";

  private static final String LEFT_OUT = "its endpoints are left out";
  private static final String KEPT = "what was read with the kubeconfig before stays in force";
  private static final long TICK = 500;
  private static final int PATIENCE = 4; // looks
  private static final Logger LOG = LoggerFactory.getLogger(RemoteClusters.class);

  private final KubernetesClient own;
  private final Settings settings;
  private final Workloads workloads;
  private final ObjectWatch<Secret> secrets;
  private final Map<String, Running> running = new TreeMap<>();
  private final Map<String, Running> coming = new TreeMap<>();
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-remotes").factory());
  private final Map<String, String> allowed = new HashMap<>();
  private final AtomicBoolean touched = new AtomicBoolean(true);
  private List<Problem> refused = List.of();
  private Map<String, Trust> trusted = Map.of();
  private final Map<Problem, Integer> lasting = new HashMap<>();
  private boolean looked;

  /**
   * Where they are looked for.
   *
   * @param namespace the control plane's own, in every cluster
   * @param trustDomain of the identities that tokens of any of the clusters give
   */
  public record Settings(String namespace, String trustDomain) {}

  /**
   * A cluster as a Secret wants it.
   *
   * @param trustDomain that it may have; empty: its own word counts
   */
  private record Wanted(String id, String secret, String kubeconfig, String trustDomain) {
    @Override
    public String toString() {
      return id + " of Secret " + secret; // never what the kubeconfig holds
    }
  }

  private record Running(Wanted wanted, RemoteContext context) {}

  /**
   * The trust of a cluster.
   *
   * @param trustDomain of its CA
   * @param settled whether it has mesh settings of its own, which say that
   * @param hasRoots whether roots of a CA are published there
   * @param roots these; empty when there are none, or they make no sense
   * @param allowed the trust domain that the Secret says it has; empty: nothing is said
   */
  public record Trust(
      String trustDomain, boolean settled, boolean hasRoots, TrustBundle roots, String allowed) {
    Trust allowing(String domain) {
      return new Trust(trustDomain, settled, hasRoots, roots, domain);
    }
  }

  /**
   * A cluster that has joined.
   *
   * @param tokens who judges its tokens
   */
  record Joined(Authenticator tokens, Trust trust) {}

  private RemoteClusters(KubernetesClient own, Settings settings, Workloads workloads) {
    this.own = own;
    this.settings = settings;
    this.workloads = workloads;
    this.secrets =
        ObjectWatch.start(
            "Secret " + LABEL,
            own.secrets().inNamespace(settings.namespace()).withLabel(LABEL, "true"),
            _ -> {
              touched.set(true);
              soon();
            });
    var _ = worker.scheduleWithFixedDelay(this::lookSafely, 0, TICK, TimeUnit.MILLISECONDS);
  }

  /**
   * Begins to follow the Secrets.
   *
   * @param own of the cluster with the Secrets; stays the caller's
   * @param workloads whose neighbours the clusters become; its own id is never taken from a Secret
   */
  public static RemoteClusters start(KubernetesClient own, Settings settings, Workloads workloads) {
    return new RemoteClusters(own, settings, workloads);
  }

  /**
   * The Secrets that name other clusters, as they are now.
   *
   * @param namespace the control plane's
   */
  public static List<Secret> secrets(KubernetesClient client, String namespace) {
    return client.secrets().inNamespace(namespace).withLabel(LABEL, "true").list().getItems();
  }

  private void soon() {
    try {
      worker.execute(this::lookSafely);
    } catch (RejectedExecutionException e) {
      LOG.debug("a Secret changed after the end", e);
    }
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.error("SLV7307 the other clusters cannot be looked at this time", e);
    }
  }

  private void look() {
    if (!secrets.isSynced()) {
      return;
    }
    boolean news;
    synchronized (this) {
      if (touched.getAndSet(false)) {
        Map<String, Wanted> wanted = wanted();
        allowed.clear();
        wanted.forEach((id, one) -> allowed.put(id, one.trustDomain()));
        leave(wanted);
        wanted.values().forEach(this::begin);
      }
      takeOver();
      Map<String, Trust> now = trust();
      news = !now.equals(trusted);
      trusted = now;
      looked = true;
      notifyAll();
    }
    if (news) {
      listeners.forEach(Runnable::run);
    }
    tell();
  }

  /** By cluster id; of two Secrets that name one, the older counts. */
  private Map<String, Wanted> wanted() {
    Map<String, Wanted> wanted = new TreeMap<>();
    List<Problem> amiss = new ArrayList<>();
    List<Secret> all = new ArrayList<>(secrets.all());
    all.sort(
        Comparator.<Secret, String>comparing(
                one -> String.valueOf(one.getMetadata().getCreationTimestamp()))
            .thenComparing(one -> one.getMetadata().getName()));
    for (Secret secret : all) {
      Map<String, String> data = Optional.ofNullable(secret.getData()).orElse(Map.of());
      new TreeMap<>(data)
          .forEach(
              (id, encoded) -> {
                String name = secret.getMetadata().getName();
                Wanted earlier = wanted.get(id);
                if (id.equals(workloads.id())) {
                  LOG.debug("the Secret {} names this very cluster, {}", name, id);
                } else if (earlier != null) {
                  amiss.add(
                      problem(
                          TWICE,
                          id,
                          "the Secret %s names it, and %s before it; only the older counts"
                              .formatted(name, earlier.secret())));
                } else {
                  wanted.put(id, new Wanted(id, name, decoded(encoded), allowedBy(secret)));
                }
              });
    }
    wanted.values().forEach(one -> check(one).ifPresent(amiss::add));
    refused = List.copyOf(amiss);
    return wanted;
  }

  private static String allowedBy(Secret secret) {
    Map<String, String> annotations = secret.getMetadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(TRUST_DOMAIN, "");
  }

  /** What is no Base64 is no kubeconfig either, and refused as an empty one is. */
  private static String decoded(@Nullable String encoded) {
    try {
      return encoded == null
          ? ""
          : new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private Optional<Problem> check(Wanted wanted) {
    try {
      RemoteKubeconfig.read(wanted.kubeconfig(), own.getKubernetesSerialization());
      return Optional.empty();
    } catch (RemoteKubeconfig.Refused e) {
      boolean goesOn = running.containsKey(wanted.id());
      return Optional.of(
          problem(
              REFUSED,
              wanted.id(),
              "the kubeconfig in the Secret %s is refused: %s; %s"
                  .formatted(
                      wanted.secret(),
                      e.getMessage(),
                      goesOn ? "the one before stays in use" : "the cluster is left out")));
    }
  }

  static Problem problem(String code, String id, String message) {
    return Problem.error(code, new SourceLocation("cluster " + id, 0, 0), "", message);
  }

  private void leave(Map<String, Wanted> wanted) {
    for (Map<String, Running> some : List.of(coming, running)) {
      for (Running one : List.copyOf(some.values())) {
        if (!wanted.containsKey(one.wanted().id())) {
          some.remove(one.wanted().id());
          workloads.leave(one.wanted().id());
          one.context().close();
          LOG.info("the cluster {} has left: no Secret names it any more", one.wanted().id());
        }
      }
    }
  }

  private void begin(Wanted wanted) {
    Running newest = coming.getOrDefault(wanted.id(), running.get(wanted.id()));
    if (newest != null && newest.wanted().kubeconfig().equals(wanted.kubeconfig())) {
      return;
    }
    try {
      KubernetesClient client =
          ClusterConnection.client(
              RemoteKubeconfig.read(wanted.kubeconfig(), own.getKubernetesSerialization()));
      Running fresh =
          new Running(wanted, RemoteContext.begin(wanted.id(), settings, client, this::soon));
      Running overtaken = coming.put(wanted.id(), fresh);
      if (overtaken != null) {
        overtaken.context().close();
      }
    } catch (RemoteKubeconfig.Refused e) {
      LOG.debug("{} stays out", wanted); // told as a problem
    } catch (RuntimeException e) {
      LOG.error("{} {} cannot be reached with its kubeconfig", REFUSED, wanted, e);
    }
  }

  /** Those that are read by now take the place of what was there before. */
  private void takeOver() {
    for (Running one : List.copyOf(coming.values())) {
      if (one.context().isRead()) {
        String id = one.wanted().id();
        coming.remove(id);
        workloads.join(one.context());
        Running before = running.put(id, one);
        if (before != null) {
          before.context().close();
        }
        LOG.info("the cluster {} has joined, by the Secret {}", id, one.wanted().secret());
      }
    }
  }

  /** What is amiss is told once, and only when it lasts: a cluster that joins is read first. */
  private void tell() {
    List<Problem> now = problems();
    synchronized (this) {
      lasting.keySet().retainAll(now);
      for (Problem problem : now) {
        if (lasting.merge(problem, 1, Integer::sum) == PATIENCE) {
          LOG.warn("{} {}", problem.code(), problem.render());
        }
      }
    }
  }

  /**
   * Waits until all clusters that Secrets name have joined, or are refused.
   *
   * @return false when some have not within that time: they join when they answer
   */
  public boolean await(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    synchronized (this) {
      while (!looked || coming.keySet().stream().anyMatch(id -> !running.containsKey(id))) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      return true;
    }
  }

  /** Ids of the clusters that have joined. */
  public synchronized List<String> ids() {
    return List.copyOf(running.keySet());
  }

  /** The trust of the clusters that have joined, by their ids. */
  public synchronized Map<String, Trust> trust() {
    Map<String, Trust> all = new HashMap<>();
    running.keySet().forEach(id -> all.put(id, trust(id)));
    return all;
  }

  private Trust trust(String id) {
    return Objects.requireNonNull(running.get(id))
        .context()
        .trust()
        .allowing(allowed.getOrDefault(id, ""));
  }

  /** A cluster that has joined; empty when it isn't known. */
  synchronized Optional<Joined> joined(String cluster) {
    return Optional.ofNullable(running.get(cluster))
        .flatMap(one -> one.context().tokens().map(tokens -> new Joined(tokens, trust(cluster))));
  }

  /** Has {@code listener} run after each change of {@link #trust()}. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** What is amiss with them. */
  public List<Problem> problems() {
    List<Problem> all = new ArrayList<>();
    synchronized (this) {
      all.addAll(refused);
      coming.forEach(
          (id, one) ->
              all.addAll(one.context().problems(running.containsKey(id) ? KEPT : LEFT_OUT)));
      running.values().forEach(one -> all.addAll(one.context().problems(LEFT_OUT)));
    }
    return all;
  }

  /** A line for each cluster: its id, and that it is read or what is amiss with it. */
  public String standing() {
    Map<String, String> lines = new TreeMap<>();
    synchronized (this) {
      coming.keySet().forEach(id -> lines.put(id, "is being read"));
      running.keySet().forEach(id -> lines.put(id, JOINED));
    }
    for (Problem problem : problems()) {
      String id = problem.at().source().replaceFirst("^cluster ", "");
      lines.put(id, problem.code() + ": " + problem.message().replaceAll("\\s+", " "));
    }
    StringBuilder all = new StringBuilder();
    lines.forEach((id, how) -> all.append(id).append(' ').append(how).append('\n'));
    return all.toString();
  }

  @Override
  public void close() {
    worker.shutdownNow();
    secrets.close();
    synchronized (this) {
      coming.values().forEach(one -> one.context().close());
      running.values().forEach(one -> one.context().close());
      coming.clear();
      running.clear();
    }
  }
}
