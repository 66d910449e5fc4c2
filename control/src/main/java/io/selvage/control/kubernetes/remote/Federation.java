package io.selvage.control.kubernetes.remote;

import io.selvage.control.kubernetes.remote.RemoteClusters.Trust;
import io.selvage.control.kubernetes.trust.CommonRoot;
import io.selvage.control.trust.TrustBundles;
import io.selvage.model.MeshConfig;
import io.selvage.model.Problem;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Whom this cluster believes of its neighbours' workloads. The roots of a neighbour with a trust
 * domain of its own vouch for that one alone, and only where the mesh's settings name it as an
 * alias: a kubeconfig gives nobody an identity ({@link NeighbourTokens}). In one trust domain the
 * root must be common.
 */
public final class Federation {
  /** The trust domain of a neighbour is none that is accepted here. */
  static final String FOREIGN = "SLV7265";

  private static final String FROM = "neighbouring clusters";

  private final RemoteClusters remotes;
  private final TrustBundles trust;
  private final Supplier<MeshConfig> mesh;
  private final Supplier<X509Certificate> signs;

  /**
   * Begins to keep it.
   *
   * @param mesh the settings in force
   * @param signs the root of the CA that signs here
   */
  public Federation(
      RemoteClusters remotes,
      TrustBundles trust,
      Supplier<MeshConfig> mesh,
      Supplier<X509Certificate> signs) {
    this.remotes = remotes;
    this.trust = trust;
    this.mesh = mesh;
    this.signs = signs;
    remotes.onChange(this::look);
    look();
  }

  /** The settings may be other ones, or the own roots. */
  public synchronized void look() {
    MeshConfig settings = mesh.get();
    Map<String, TrustBundle> federated = new HashMap<>();
    for (Trust theirs : remotes.trust().values()) {
      String domain = theirs.trustDomain();
      if (!domain.equals(settings.trustDomain()) && settings.trustDomains().contains(domain)) {
        federated.merge(domain, theirs.roots(), (is, more) -> is.withAll(more.roots()));
      }
    }
    federated.values().removeIf(TrustBundle::isEmpty);
    trust.federate(FROM, federated);
  }

  /** What keeps workloads from believing one another, now. */
  public List<Problem> problems() {
    MeshConfig settings = mesh.get();
    List<Problem> amiss = new ArrayList<>();
    new TreeMap<>(remotes.trust())
        .forEach(
            (id, theirs) -> {
              if (theirs.roots().isEmpty()) {
                return; // it has no CA yet, or nobody may read its roots
              }
              String domain = theirs.trustDomain();
              if (domain.equals(settings.trustDomain())) {
                apart(theirs.roots())
                    .ifPresent(
                        how -> amiss.add(RemoteClusters.problem(CommonRoot.DIFFERENT, id, how)));
              } else if (!settings.trustDomains().contains(domain)) {
                amiss.add(
                    RemoteClusters.problem(
                        FOREIGN,
                        id,
                        "its trust domain %s is not among trustDomainAliases, so that its workloads are not believed"
                            .formatted(domain)));
              }
            });
    return amiss;
  }

  /** How a cluster of the own trust domain is apart from this one in its roots. */
  private Optional<String> apart(TrustBundle theirs) {
    if (!overlap(theirs, trust.merged())) {
      return Optional.of(
          "its CA is of the same trust domain and another root, so that its workloads are not"
              + " believed");
    }
    X509Certificate root = signs.get();
    if (overlap(theirs, trust.own()) && !theirs.contains(root)) {
      return Optional.of(
          "its workloads do not hold root %s, which signs here now, and refuse those of this cluster"
              .formatted(Fingerprint.sha256Hex(root).substring(0, 12)));
    }
    return Optional.empty();
  }

  private static boolean overlap(TrustBundle one, TrustBundle other) {
    return one.roots().stream().anyMatch(other::contains);
  }
}
