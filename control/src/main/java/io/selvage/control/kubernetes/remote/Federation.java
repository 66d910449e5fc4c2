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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Whom this cluster believes of its neighbours' workloads. The roots of a neighbour with a trust
 * domain of its own vouch for that one alone, and only where the mesh's settings name it as an
 * alias, its Secret says no other, and nobody before it has it: a kubeconfig gives nobody an
 * identity ({@link NeighbourTokens}). In one trust domain the root must be common.
 */
public final class Federation {
  /** The trust domain of a neighbour is none that is accepted here. */
  static final String FOREIGN = "SLV7265";

  /** A neighbour's trust domain is another one's, or not the one that its Secret gives it. */
  static final String NOT_ITS_OWN = "SLV7275";

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
    trust.federate(
        FROM, Claims.of(remotes.trust(), mesh.get(), trust.federatedBeside(FROM)).bundles());
  }

  /**
   * What neighbours say of trust domains, as far as it is taken.
   *
   * @param bundles by trust domain
   * @param amiss why a neighbour is not believed, by its id
   */
  record Claims(Map<String, TrustBundle> bundles, Map<String, Problem> amiss) {
    /**
     * Hears those first whose Secret names their trust domain, then by their ids. A neighbour that
     * has no settings of its own claims nothing: it would have the trust domain of everybody who
     * has none.
     *
     * @param given bundles that the mesh's settings give to trust domains
     */
    static Claims of(
        Map<String, Trust> neighbours, MeshConfig settings, Map<String, TrustBundle> given) {
      Map<String, TrustBundle> bundles = new HashMap<>();
      Map<String, Problem> amiss = new TreeMap<>();
      List<String> ids = new ArrayList<>(new TreeMap<>(neighbours).keySet());
      ids.sort(Comparator.comparing(id -> named(neighbours, id).allowed().isEmpty()));
      for (String id : ids) {
        Trust theirs = named(neighbours, id);
        String domain = theirs.trustDomain();
        if (domain.equals(settings.trustDomain()) || theirs.roots().isEmpty()) {
          continue;
        }
        String why = refusal(theirs, settings);
        TrustBundle others = bundles.getOrDefault(domain, given.get(domain));
        if (!why.isEmpty()) {
          amiss.put(id, RemoteClusters.problem(code(theirs, settings), id, why));
        } else if (others != null && !overlap(others, theirs.roots())) {
          amiss.put(
              id,
              RemoteClusters.problem(
                  NOT_ITS_OWN,
                  id,
                  "the trust domain %s has other roots already, so that its workloads are not believed"
                      .formatted(domain)));
        } else {
          bundles.merge(domain, theirs.roots(), (is, more) -> is.withAll(more.roots()));
        }
      }
      return new Claims(Map.copyOf(bundles), amiss);
    }

    private static Trust named(Map<String, Trust> neighbours, String id) {
      return Objects.requireNonNull(neighbours.get(id));
    }

    private static String code(Trust theirs, MeshConfig settings) {
      return settings.trustDomains().contains(theirs.trustDomain()) ? NOT_ITS_OWN : FOREIGN;
    }

    private static String refusal(Trust theirs, MeshConfig settings) {
      String domain = theirs.trustDomain();
      if (!settings.trustDomains().contains(domain)) {
        return "its trust domain %s is not among trustDomainAliases, so that its workloads are not believed"
            .formatted(domain);
      }
      if (!theirs.allowed().isEmpty() && !theirs.allowed().equals(domain)) {
        return "it says that its trust domain is %s, and its Secret (%s) says %s; its workloads are not believed"
            .formatted(domain, RemoteClusters.TRUST_DOMAIN, theirs.allowed());
      }
      return theirs.settled() || theirs.allowed().equals(domain)
          ? ""
          : "it has no settings that say its trust domain, and %s is not taken for it; its workloads are not believed"
              .formatted(domain);
    }
  }

  /** What keeps workloads from believing one another, now. */
  public List<Problem> problems() {
    MeshConfig settings = mesh.get();
    Map<String, Trust> neighbours = remotes.trust();
    Map<String, Problem> amiss =
        new TreeMap<>(Claims.of(neighbours, settings, trust.federatedBeside(FROM)).amiss());
    neighbours.forEach(
        (id, theirs) -> {
          // without roots it has no CA yet, or nobody may read them
          if (theirs.trustDomain().equals(settings.trustDomain()) && !theirs.roots().isEmpty()) {
            apart(theirs.roots())
                .ifPresent(
                    how -> amiss.put(id, RemoteClusters.problem(CommonRoot.DIFFERENT, id, how)));
          }
        });
    return List.copyOf(amiss.values());
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
