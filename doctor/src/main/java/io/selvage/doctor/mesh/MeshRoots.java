package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.pki.TrustBundle;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The roots that a mesh is configured to trust.
 *
 * @param bundle one or more
 * @param source where they were read
 */
public record MeshRoots(TrustBundle bundle, String source) {
  /** The ConfigMap that holds them in every namespace. */
  public static final String CONFIG_MAP = "istio-ca-root-cert";

  private static final String KEY = "root-cert.pem";

  /**
   * Of the CA's Secret, unless the control plane has not taken it up; where it may not be read, or
   * there is none, of the ConfigMap in the control plane's own namespace; where that is missing,
   * too, what most proxies trust.
   */
  public static Look<MeshRoots> of(ClusterEvidence cluster, Flavour flavour) {
    return CaSecret.of(cluster, flavour.namespace())
        .filter(secret -> waiting(cluster, flavour).isEmpty())
        .flatMap(secret -> from(secret.roots()))
        .or(() -> published(cluster, flavour))
        .or(() -> trustedByProxies(cluster))
        .<Look<MeshRoots>>map(Look::seen)
        .orElseGet(() -> unseen(cluster, flavour));
  }

  /** What a namespace's ConfigMap holds. */
  public static PemText published(ApiObject map) {
    return new PemText(map.ref() + " " + KEY, map.json().path("data").path(KEY).asString(""));
  }

  /**
   * A CA's Secret that was plugged in, or changed, while the control plane goes on with another: it
   * publishes other roots, and what it serves leads to those. Control planes read it as they start.
   */
  public static Optional<CaSecret> waiting(ClusterEvidence cluster, Flavour flavour) {
    Optional<MeshRoots> published = published(cluster, flavour);
    return CaSecret.of(cluster, flavour.namespace())
        .filter(secret -> published.filter(roots -> isServed(cluster, roots.bundle())).isPresent())
        .filter(secret -> !isServed(cluster, secret.roots().bundle()));
  }

  private static Optional<MeshRoots> published(ClusterEvidence cluster, Flavour flavour) {
    return cluster
        .objects()
        .find(Kind.CONFIG_MAP, flavour.namespace(), CONFIG_MAP)
        .flatMap(map -> from(published(map)));
  }

  private static boolean isServed(ClusterEvidence cluster, TrustBundle roots) {
    return cluster.handshakes().found().stream()
        .flatMap(List::stream)
        .filter(one -> one.target().purpose() == Handshake.Purpose.CONTROL_PLANE)
        .flatMap(one -> one.outcome().found().stream())
        .flatMap(served -> ServerChain.of(served).stream())
        .anyMatch(chain -> chain.problemOfPath(roots, cluster.taken()).isEmpty());
  }

  private static Optional<MeshRoots> from(PemText text) {
    TrustBundle bundle = text.bundle();
    return bundle.isEmpty() ? Optional.empty() : Optional.of(new MeshRoots(bundle, text.where()));
  }

  private static Optional<MeshRoots> trustedByProxies(ClusterEvidence cluster) {
    Map<List<String>, Integer> votes = new LinkedHashMap<>();
    Map<List<String>, TrustBundle> bundles = new LinkedHashMap<>();
    for (var proxy : cluster.proxies().found().orElse(List.of())) {
      ProxySecrets.of(proxy)
          .flatMap(ProxySecrets::roots)
          .ifPresent(
              bundle -> {
                votes.merge(bundle.fingerprints(), 1, Integer::sum);
                bundles.put(bundle.fingerprints(), bundle);
              });
    }
    return votes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .flatMap(most -> Optional.ofNullable(bundles.get(most.getKey())))
        .filter(bundle -> !bundle.isEmpty())
        .map(bundle -> new MeshRoots(bundle, "the secret ROOTCA of most proxies"));
  }

  private static Look<MeshRoots> unseen(ClusterEvidence cluster, Flavour flavour) {
    Look<List<ApiObject>> maps = cluster.objects().look(Kind.CONFIG_MAP);
    return maps instanceof Look.Unseen<List<ApiObject>>(String why, Optional<String> missing)
        ? new Look.Unseen<>(why, missing)
        : Look.unseen(
            "no root was found: neither in the Secrets %s and %s nor in the ConfigMap %s of %s"
                .formatted(
                    CaSecret.PLUGGED_IN, CaSecret.SELF_SIGNED, CONFIG_MAP, flavour.namespace()));
  }
}
