package io.selvage.control.kubernetes.inject;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an operator chose for sidecars; the cluster says the rest, see {@link #in}.
 *
 * @param image of the sidecar
 * @param pullPolicy {@code imagePullPolicy}; empty: Kubernetes' default
 * @param pullSecrets names of Secrets in the Pods' namespaces by which it is fetched
 * @param controlPlane {@code HOST:PORT}; empty: the Service {@code selvage} of the control plane's
 *     namespace
 * @param meshId empty: the trust domain
 * @param network of the cluster, where the mesh has several
 * @param nativeSidecars whether sidecars are native ones
 * @param istioLabels whether Istio's namespace label is meant for Selvage
 * @param revisionTags values of {@code istio.io/rev} that ask for Selvage beside {@code selvage}
 * @param never Pods that are left alone unless they ask
 * @param holdApplication whether applications wait for their sidecar
 * @param proxy what holds where a Pod's annotations say nothing
 */
public record InjectionChoices(
    String image,
    Optional<String> pullPolicy,
    List<String> pullSecrets,
    Optional<String> controlPlane,
    Optional<String> meshId,
    Optional<String> network,
    NativeSidecars nativeSidecars,
    boolean istioLabels,
    List<String> revisionTags,
    List<LabelSelector> never,
    boolean holdApplication,
    ProxyDefaults proxy) {
  private static final Duration DRAIN = Duration.ofSeconds(5);

  /** What names of objects are (RFC 1123). */
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  /** Whether sidecars are init containers that go on. */
  public enum NativeSidecars {
    /** Where every kubelet that the API server may have serves them. */
    AUTO,
    /** Always. */
    TRUE,
    /** Never. */
    FALSE;

    /** Kubelets serve them from 1.29, and may be three minor versions older than the API server. */
    private static final int OLDEST_API_SERVER = 32;

    /**
     * Whether they are used.
     *
     * @param minor of the API server's version, 1.{@code minor}
     */
    public boolean under(int minor) {
      return switch (this) {
        case AUTO -> minor >= OLDEST_API_SERVER;
        case TRUE -> true;
        case FALSE -> false;
      };
    }
  }

  public InjectionChoices {
    pullSecrets = List.copyOf(pullSecrets);
    revisionTags = List.copyOf(revisionTags);
    never = List.copyOf(never);
  }

  /**
   * The name, if a Secret can have it.
   *
   * @throws IllegalArgumentException saying why not
   */
  public static String secretName(String name) {
    if (name.length() > 253 || !SUBDOMAIN.matcher(name).matches()) {
      throw new IllegalArgumentException("'" + name + "' is no name of a Secret");
    }
    return name;
  }

  /** With the defaults of everything but the image. */
  public static InjectionChoices of(String image) {
    return new InjectionChoices(
        image,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        NativeSidecars.AUTO,
        true,
        List.of(),
        List.of(),
        false,
        ProxyDefaults.STANDARD);
  }

  /**
   * For one cluster.
   *
   * @param namespace the control plane's
   * @param minor of the API server's version, 1.{@code minor}
   */
  public InjectionSettings in(String namespace, String trustDomain, String clusterId, int minor) {
    return new InjectionSettings(
        image,
        pullPolicy,
        pullSecrets,
        controlPlane.orElse("selvage." + namespace + ".svc:15012"),
        meshId.orElse(trustDomain),
        clusterId,
        network,
        "cluster.local",
        nativeSidecars.under(minor),
        istioLabels,
        revisionTags,
        never,
        holdApplication,
        DRAIN,
        0,
        InjectionSettings.STATUS_PORT,
        true,
        Map.of(),
        proxy);
  }
}
