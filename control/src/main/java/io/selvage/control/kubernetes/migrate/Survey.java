package io.selvage.control.kubernetes.migrate;

import io.selvage.control.kubernetes.trust.TrustReport;
import io.selvage.pki.TrustBundle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who runs what and trusts whom in a cluster, at one moment. Times are the API server's, and are
 * compared with each other.
 *
 * @param now by the clock of who looked; good for what lies a day back
 * @param namespace of the control planes
 * @param mesh what identities are called
 * @param istiods the Pods of Istio's control plane
 * @param replicas what each replica of ours says of its CA, by replica
 * @param ca the CA that both share; empty: there is none yet
 * @param change the root change that is under way
 * @param roots the roots in {@code istio-ca-root-cert}, by namespace
 * @param namespaces by what the labels of each say, only those that a control plane injects
 * @param workloads the Pods with a sidecar, and Istio's gateways
 */
public record Survey(
    Instant now,
    String namespace,
    Mesh mesh,
    List<ControlPod> istiods,
    Map<String, TrustReport.Entry> replicas,
    Optional<Ca> ca,
    Optional<Change> change,
    Map<String, Roots> roots,
    Map<String, Injection> namespaces,
    List<Workload> workloads) {
  /** After this, a certificate of Istio's default life, and an hour of two clocks, is over. */
  private static final Duration RENEWED = Duration.ofHours(25);

  public Survey {
    istiods = List.copyOf(istiods);
    replicas = new TreeMap<>(replicas);
    roots = new TreeMap<>(roots);
    namespaces = new TreeMap<>(namespaces);
    workloads = List.copyOf(workloads);
  }

  /** Whose control plane a workload has. */
  public enum Plane {
    ISTIO,
    SELVAGE
  }

  /**
   * The names of identities.
   *
   * @param since when the settings were last written; empty when nobody can say
   */
  public record Mesh(String trustDomain, List<String> aliases, Optional<Instant> since) {
    public Mesh {
      aliases = List.copyOf(aliases);
    }
  }

  /** A Pod of a control plane. */
  public record ControlPod(String name, String revision, Instant created) {}

  /**
   * The CA.
   *
   * @param secret {@code cacerts} or {@code istio-ca-secret}
   * @param signs SHA-256 fingerprint of the root of what signs
   * @param roots all that are to be trusted
   * @param since when the Secret was last written; empty when nobody can say
   */
  public record Ca(String secret, String signs, TrustBundle roots, Optional<Instant> since) {}

  /**
   * A root change under way.
   *
   * @param from fingerprint of the old root
   * @param to fingerprint of the new root
   */
  public record Change(String from, String to) {}

  /**
   * The roots that kubelet mounts into the Pods of a namespace.
   *
   * @param since when they were last written
   * @param keeper who wrote them
   */
  public record Roots(TrustBundle bundle, Optional<Instant> since, String keeper) {}

  /**
   * What a namespace's labels ask for.
   *
   * @param labels those that matter, as written
   * @param plane whose injector answers; empty: both would, or none
   */
  public record Injection(String labels, Optional<Plane> plane) {}

  /**
   * A Pod with a sidecar, or a gateway.
   *
   * @param owner what makes it anew
   * @param asks labels by which the Pod itself asks Istio for a sidecar, as written; none: its
   *     namespace asks
   * @param gateway whether it is one of Istio's gateways, which no other control plane has a Pod
   *     for
   */
  public record Workload(
      String namespace,
      String name,
      Plane plane,
      Instant created,
      Owner owner,
      List<String> asks,
      boolean gateway) {
    public Workload {
      asks = List.copyOf(asks);
    }

    @Override
    public String toString() {
      return namespace + "/" + name;
    }
  }

  /**
   * What a Pod is of.
   *
   * @param kind {@code Deployment}, or {@code Pod} where nothing makes it anew
   */
  public record Owner(String kind, String name) {
    private static final Set<String> RESTARTED = Set.of("Deployment", "StatefulSet", "DaemonSet");

    /** Whether {@code kubectl rollout restart} knows it. */
    public boolean isRestarted() {
      return RESTARTED.contains(kind);
    }

    @Override
    public String toString() {
      return kind + " " + name;
    }
  }

  /** The workloads of one control plane in a namespace. */
  public long count(String where, Plane plane) {
    return workloads.stream()
        .filter(pod -> pod.namespace().equals(where) && pod.plane() == plane)
        .count();
  }

  /** Whether anything of Istio's control plane runs. */
  public boolean hasIstiod() {
    return !istiods.isEmpty();
  }

  /**
   * The Pods that may hold nothing of what holds for their namespace since that time: older ones,
   * of the same second too, unless all certificates were renewed since.
   */
  List<Workload> before(Map<String, Instant> since) {
    List<Workload> all = new ArrayList<>();
    for (Workload pod : workloads) {
      Instant from = since.getOrDefault(pod.namespace(), Instant.MAX);
      if (!pod.created().isAfter(from) && !from.isBefore(now.minus(RENEWED))) {
        all.add(pod);
      }
    }
    return all;
  }
}
