package io.selvage.control.kubernetes.remote;

import io.selvage.control.kubernetes.remote.RemoteClusters.Trust;
import io.selvage.control.kubernetes.trust.CommonRoot;
import io.selvage.control.trust.TrustBundles;
import io.selvage.model.MeshConfig;
import io.selvage.model.Problem;
import io.selvage.pki.TrustBundle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Whom this cluster believes of its neighbours' workloads. The roots of a neighbour with a trust
 * domain of its own vouch for that one alone, and only where the mesh's settings name it as an
 * alias: a kubeconfig gives nobody an identity. In one trust domain the root must be common.
 */
public final class Federation {
  /** The trust domain of a neighbour is none that is accepted here. */
  static final String FOREIGN = "SLV7265";

  private static final String FROM = "neighbouring clusters";

  private final RemoteClusters remotes;
  private final TrustBundles trust;
  private final Supplier<MeshConfig> mesh;
  private volatile List<Problem> problems = List.of();

  /**
   * Begins to keep it.
   *
   * @param mesh the settings in force
   */
  public Federation(RemoteClusters remotes, TrustBundles trust, Supplier<MeshConfig> mesh) {
    this.remotes = remotes;
    this.trust = trust;
    this.mesh = mesh;
    remotes.onChange(this::look);
    look();
  }

  /** The settings may be other ones, or the own roots. */
  public synchronized void look() {
    MeshConfig settings = mesh.get();
    Map<String, TrustBundle> federated = new HashMap<>();
    List<Problem> amiss = new ArrayList<>();
    new TreeMap<>(remotes.trust())
        .forEach(
            (id, theirs) -> {
              String domain = theirs.trustDomain();
              if (theirs.roots().isEmpty()) {
                return; // it has no CA yet, or nobody may read its roots
              }
              if (domain.equals(settings.trustDomain())) {
                if (!hasCommon(theirs)) {
                  amiss.add(
                      RemoteClusters.problem(
                          CommonRoot.DIFFERENT,
                          id,
                          "its CA is of the same trust domain and another root, so that its"
                              + " workloads are not believed"));
                }
              } else if (settings.trustDomains().contains(domain)) {
                federated.merge(domain, theirs.roots(), (is, more) -> is.withAll(more.roots()));
              } else {
                amiss.add(
                    RemoteClusters.problem(
                        FOREIGN,
                        id,
                        "its trust domain %s is not among trustDomainAliases, so that its workloads are not believed"
                            .formatted(domain)));
              }
            });
    problems = List.copyOf(amiss);
    trust.federate(FROM, federated);
  }

  private boolean hasCommon(Trust theirs) {
    return theirs.roots().roots().stream().anyMatch(trust.merged().roots()::contains);
  }

  /** What keeps workloads from believing one another. */
  public List<Problem> problems() {
    return problems;
  }
}
