package io.selvage.control.generate;

import io.selvage.control.workload.ClusterView;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All that generation looks at, at one moment; immutable.
 *
 * @param snapshot what is declared
 * @param services joined from the snapshot and the workloads
 * @param keys token keys by where they come from
 * @param roots whom the mesh trusts
 * @param federated the bundles of the trust domains that have their own
 */
public record MeshState(
    MeshSnapshot snapshot,
    ServiceRegistry services,
    TokenKeys keys,
    TrustBundle roots,
    Map<String, TrustBundle> federated) {

  /** Joins a snapshot with who runs where, all in one cluster. */
  public static MeshState of(
      MeshSnapshot snapshot, List<WorkloadInstance> workloads, TokenKeys keys, TrustBundle roots) {
    return of(snapshot, workloads, ClusterView.All.ONE, keys, roots, Map.of());
  }

  /** Joins a snapshot with who runs where, in several clusters. */
  public static MeshState of(
      MeshSnapshot snapshot,
      List<WorkloadInstance> workloads,
      ClusterView.All clusters,
      TokenKeys keys,
      TrustBundle roots,
      Map<String, TrustBundle> federated) {
    return new MeshState(
        snapshot, ServiceRegistry.of(snapshot, workloads, clusters), keys, roots, federated);
  }

  /**
   * As {@link #of}, with the services of an earlier state when nothing is different that they are
   * joined from, since most changes are to policies; else with those of which nothing is different.
   */
  public static MeshState after(
      MeshState last,
      MeshSnapshot snapshot,
      List<WorkloadInstance> workloads,
      ClusterView.All clusters,
      TokenKeys keys,
      TrustBundle roots,
      Map<String, TrustBundle> federated) {
    ServiceRegistry services =
        last.services().isOf(snapshot, last.snapshot(), workloads, clusters)
            ? last.services()
            : last.services().after(snapshot, workloads, clusters);
    return new MeshState(snapshot, services, keys, roots, federated);
  }

  /**
   * Whom every proxy trusts: bundles by trust domain only where one has its own. The mesh's own
   * roots vouch for all of its names: an alias may be its name from before, which certificates
   * still say.
   */
  Secret.Validation trusted() {
    Map<String, TrustBundle> byTrustDomain = new HashMap<>();
    if (mesh().trustDomains().stream().anyMatch(federated::containsKey) && !roots.isEmpty()) {
      for (String domain : mesh().trustDomains()) {
        TrustBundle other = federated.getOrDefault(domain, TrustBundle.empty());
        byTrustDomain.put(domain, roots.withAll(other.roots()));
      }
    }
    return new Secret.Validation(TlsSettings.TRUST_BUNDLE, roots, byTrustDomain);
  }

  MeshConfig mesh() {
    return snapshot.meshConfig();
  }
}
