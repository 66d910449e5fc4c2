package io.selvage.control.kubernetes.remote;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.auth.Authenticator;
import io.selvage.control.kubernetes.identity.TokenReviews;
import io.selvage.control.kubernetes.source.KubernetesSource;
import io.selvage.control.kubernetes.source.ObjectWatch;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.control.workload.ClusterView;
import io.selvage.control.workload.RemoteCluster;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.model.EndpointSlice;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.Service;
import io.selvage.model.SourceLocation;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another cluster, read through its API with the credentials of one Secret: its Services, slices,
 * Pods, Namespaces and Nodes, and its roots. Its policies are its own control plane's business.
 *
 * <p>While its API is away, all that it said last stays in force.
 */
final class RemoteContext implements RemoteCluster, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteContext.class);

  private final String id;
  private final String home;
  private final KubernetesClient client;
  private final Workloads workloads;
  private final KubernetesSource source;
  private final ObjectWatch<ConfigMap> roots;
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Subscription pods;
  private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;
  private volatile @Nullable Authenticator tokens;
  private volatile Rooted rooted = Rooted.NONE;

  private RemoteContext(String id, String home, KubernetesClient client, Runnable news) {
    this.id = id;
    this.home = home;
    this.client = client;
    this.workloads = new Workloads(id);
    this.source = KubernetesSource.ofNeighbour(client, home, workloads);
    this.pods = workloads.onChange(() -> listeners.forEach(Runnable::run));
    this.roots =
        ObjectWatch.start(
            "ConfigMap %s/%s of the cluster %s".formatted(home, RootCertificateMaps.NAME, id),
            client.configMaps().inNamespace(home).withName(RootCertificateMaps.NAME),
            _ -> news.run());
  }

  /**
   * Begins to read it, which may take as long as it likes: {@link #isRead} says when it is done.
   *
   * @param client closed with it
   * @param news is told when it is read, and when its roots may have changed
   */
  static RemoteContext begin(
      String id, RemoteClusters.Settings settings, KubernetesClient client, Runnable news) {
    RemoteContext context = new RemoteContext(id, settings.namespace(), client, news);
    Thread.ofVirtual().name("selvage-remote-" + id).start(() -> context.read(settings, news));
    return context;
  }

  private void read(RemoteClusters.Settings settings, Runnable news) {
    try {
      source.start(
          fresh -> {
            snapshot = fresh;
            listeners.forEach(Runnable::run);
          });
      // Its ServiceAccounts are not read, so that only it can say whether a token's is still there.
      tokens = new TokenReviews(client, settings.trustDomain());
      news.run();
    } catch (IOException e) {
      LOG.debug("the cluster {} is not read any more: {}", id, e.getMessage());
    }
  }

  /** Whether all of it is known: its roots, too, since whom it may speak for hangs on them. */
  boolean isRead() {
    return tokens != null && roots.isSynced();
  }

  /** Who judges its tokens; empty while it isn't read. */
  Optional<Authenticator> tokens() {
    return Optional.ofNullable(tokens);
  }

  /** That of its own CA, by its own mesh settings and the roots that are published there. */
  RemoteClusters.Trust trust() {
    MeshConfig settings = snapshot.meshConfig();
    Rooted published = published();
    return new RemoteClusters.Trust(
        settings.trustDomain(),
        !settings.equals(MeshConfig.defaults(home)),
        !published.pem().isBlank(),
        published.bundle(),
        "");
  }

  private Rooted published() {
    String pem =
        roots
            .get(home, RootCertificateMaps.NAME)
            .map(ConfigMap::getData)
            .map(data -> data.get(RootCertificateMaps.KEY))
            .orElse("");
    Rooted last = rooted;
    if (!last.pem().equals(pem)) {
      last = Rooted.of(pem);
      rooted = last;
    }
    return last;
  }

  /** Roots as they are written, and as they are understood. */
  private record Rooted(String pem, TrustBundle bundle) {
    static final Rooted NONE = new Rooted("", TrustBundle.empty());

    static Rooted of(String pem) {
      try {
        return pem.isBlank() ? NONE : new Rooted(pem, TrustBundle.parse(pem));
      } catch (PkiException e) {
        return new Rooted(pem, TrustBundle.empty());
      }
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<WorkloadInstance> instances() {
    return workloads.instances();
  }

  @Override
  public ClusterView view() {
    MeshSnapshot now = snapshot;
    return new ClusterView(
        id,
        workloads.view().network(),
        Optional.of(
            new ClusterView.Declared(now.all(Service.class), now.all(EndpointSlice.class))));
  }

  @Override
  public Subscription onChange(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * What is amiss with it.
   *
   * @param meanwhile what is so until it is read
   */
  List<Problem> problems(String meanwhile) {
    if (!isRead()) {
      String why = source.trouble().or(roots::trouble).orElse("not all of it has been read yet");
      return List.of(problem("its API does not answer (%s); %s".formatted(why, meanwhile)));
    }
    return snapshot.problems().stream()
        .filter(found -> found.code().equals(KubernetesSource.AWAY))
        .map(found -> problem(found.message()))
        .toList();
  }

  private Problem problem(String message) {
    return Problem.warning(
        RemoteClusters.AWAY, new SourceLocation("cluster " + id, 0, 0), "", message);
  }

  @Override
  public void close() {
    pods.close();
    source.close();
    roots.close();
    client.close();
  }
}
