package io.selvage.control.workload;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The registry of one cluster's running workloads, and of those that its neighbours announce.
 *
 * <p>Itself a {@link RemoteCluster} for the neighbours: two clusters in one process refer to each
 * other directly. Safe for use by many threads; each change makes a new immutable list.
 */
public final class Workloads implements RemoteCluster {
  private final String cluster;
  private final Map<String, WorkloadInstance> own = new TreeMap<>();
  private final Map<String, RemoteCluster> remotes = new ConcurrentHashMap<>();
  private final Map<String, Subscription> remoteNotices = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Runnable> ownListeners = new CopyOnWriteArrayList<>();
  private final CopyOnWriteArrayList<Runnable> anyListeners = new CopyOnWriteArrayList<>();
  private volatile List<WorkloadInstance> ownNow = List.of();
  private volatile String network = "";

  /** An empty registry of the cluster with this id. */
  public Workloads(String cluster) {
    this.cluster = cluster;
  }

  @Override
  public String id() {
    return cluster;
  }

  /** Says on which network this cluster's workloads are; empty: nobody knows. */
  public void network(String name) {
    if (!name.equals(network)) {
      network = name;
      tell();
    }
  }

  @Override
  public ClusterView view() {
    return new ClusterView(cluster, network, Optional.empty());
  }

  /** This cluster and its neighbours. */
  public ClusterView.All clusters() {
    return new ClusterView.All(
        view(), new TreeMap<>(remotes).values().stream().map(RemoteCluster::view).toList());
  }

  /** Adds an instance or replaces the one with the same name; returns whether anything changed. */
  public boolean put(WorkloadInstance instance) {
    if (!instance.cluster().equals(cluster)) {
      throw new IllegalArgumentException(
          instance.key() + " does not belong to the cluster " + cluster);
    }
    synchronized (this) {
      if (instance.equals(own.put(instance.key(), instance))) {
        return false;
      }
      ownNow = List.copyOf(own.values());
    }
    tell();
    return true;
  }

  /**
   * Makes these the only instances; listeners hear of it once.
   *
   * @return whether anything changed
   */
  public boolean replaceAll(Collection<WorkloadInstance> instances) {
    synchronized (this) {
      Map<String, WorkloadInstance> fresh = new TreeMap<>();
      for (WorkloadInstance instance : instances) {
        if (!instance.cluster().equals(cluster)) {
          throw new IllegalArgumentException(
              instance.key() + " does not belong to the cluster " + cluster);
        }
        fresh.put(instance.key(), instance);
      }
      if (fresh.equals(own)) {
        return false;
      }
      own.clear();
      own.putAll(fresh);
      ownNow = List.copyOf(own.values());
    }
    tell();
    return true;
  }

  /** Takes an instance out; returns whether it was there. */
  public boolean remove(String namespace, String name) {
    synchronized (this) {
      if (own.remove(cluster + "/" + namespace + "/" + name) == null) {
        return false;
      }
      ownNow = List.copyOf(own.values());
    }
    tell();
    return true;
  }

  private void tell() {
    ownListeners.forEach(Runnable::run);
    anyListeners.forEach(Runnable::run);
  }

  /** This cluster's own instances, sorted. */
  @Override
  public List<WorkloadInstance> instances() {
    return ownNow;
  }

  /** Own instances and all neighbours', sorted. */
  public List<WorkloadInstance> all() {
    List<WorkloadInstance> all = new ArrayList<>(ownNow);
    remotes.values().forEach(remote -> all.addAll(remote.instances()));
    all.sort(null);
    return List.copyOf(all);
  }

  /**
   * Those whose proxies this control plane serves: its own, and those of neighbours that it reads
   * itself. A neighbour that announces its workloads serves them.
   */
  public List<WorkloadInstance> clients() {
    List<WorkloadInstance> all = new ArrayList<>(ownNow);
    for (RemoteCluster remote : remotes.values()) {
      if (remote.view().declared().isPresent()) {
        all.addAll(remote.instances());
      }
    }
    return all;
  }

  /** Joins another cluster: its workloads count as endpoints here from now on. */
  public void join(RemoteCluster remote) {
    if (remote.id().equals(cluster)) {
      throw new IllegalArgumentException("a cluster is no neighbour of itself: " + cluster);
    }
    remotes.put(remote.id(), remote);
    Subscription notice = remote.onChange(() -> anyListeners.forEach(Runnable::run));
    Subscription previous = remoteNotices.put(remote.id(), notice);
    if (previous != null) {
      previous.close();
    }
    anyListeners.forEach(Runnable::run);
  }

  /** Forgets a neighbour and its workloads. */
  public void leave(String remoteId) {
    remotes.remove(remoteId);
    Subscription notice = remoteNotices.remove(remoteId);
    if (notice != null) {
      notice.close();
    }
    anyListeners.forEach(Runnable::run);
  }

  /** Ids of the neighbours. */
  public Collection<String> neighbours() {
    return List.copyOf(new TreeMap<>(remotes).keySet());
  }

  /** A neighbour, by its id. */
  public Optional<RemoteCluster> neighbour(String id) {
    return Optional.ofNullable(remotes.get(id));
  }

  /** Notice of changes of the own instances alone. */
  @Override
  public Subscription onChange(Runnable listener) {
    ownListeners.add(listener);
    return () -> ownListeners.remove(listener);
  }

  /** Notice of changes of own and neighbours' instances. */
  public Subscription onAnyChange(Runnable listener) {
    anyListeners.add(listener);
    return () -> anyListeners.remove(listener);
  }
}
