package io.selvage.control.kubernetes.inject;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Whether a Pod gets a sidecar.
 *
 * <p>Istio's table (<a
 * href="https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy">Controlling
 * the injection policy</a>): what disables wins; the Pod's label wins over its annotation and over
 * the namespace; of the namespace's labels {@code selvage.io/injection} comes first, then {@code
 * istio-injection}, then {@code istio.io/rev}; where it has none, the Pod's own decide.
 */
public final class InjectionPolicy {
  /** Of a namespace: {@code enabled} or {@code disabled}. */
  public static final String NAMESPACE_LABEL = "selvage.io/injection";

  /** Istio's, of a namespace. */
  public static final String ISTIO_NAMESPACE_LABEL = "istio-injection";

  /** Of a namespace or a Pod. */
  public static final String REVISION_LABEL = "istio.io/rev";

  /** Label, and before there was one annotation, of a Pod: {@code true} or {@code false}. */
  public static final String POD_LABEL = "sidecar.istio.io/inject";

  /** What an injector, ours or Istio's, leaves behind. */
  public static final String STATUS = "sidecar.istio.io/status";

  /** Namespaces of Kubernetes itself, whose Pods are never injected. */
  public static final Set<String> SYSTEM_NAMESPACES =
      Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");

  private static final String ENABLED = "enabled";

  private final InjectionSettings settings;

  /** Of an installation. */
  public InjectionPolicy(InjectionSettings settings) {
    this.settings = settings;
  }

  /** What is decided. */
  public sealed interface Decision {
    /** It gets one. */
    record Inject() implements Decision {}

    /**
     * It stays as it is.
     *
     * @param why for people
     * @param told whether its owner may have expected otherwise
     */
    record Leave(String why, boolean told) implements Decision {}
  }

  /**
   * Decides for a Pod.
   *
   * @param pod a Pod or a Pod template
   * @param namespace its namespace's name
   * @param namespaceLabels empty: somebody whom it was up to says that the namespace wants it, as
   *     the API server does by a webhook's selectors
   */
  public Decision decide(
      JsonNode pod, String namespace, Optional<Map<String, String>> namespaceLabels) {
    Map<String, String> labels = PodJson.labels(pod);
    if (pod.path("spec").path("hostNetwork").asBoolean(false)) {
      return new Decision.Leave(
          "it uses the host's network, where capture would take the node's traffic", true);
    }
    if (SYSTEM_NAMESPACES.contains(namespace)) {
      return new Decision.Leave(namespace + " is one of Kubernetes' own namespaces", false);
    }
    if (isInjected(pod)) {
      return new Decision.Leave("it has a sidecar already", false);
    }
    Wish wish = wish(labels, PodJson.annotations(pod));
    if (wish == Wish.NO) {
      return new Decision.Leave(POD_LABEL + " says so", false);
    }
    if (namespaceLabels.isPresent() && !wanted(namespaceLabels.get(), labels)) {
      return new Decision.Leave("neither its namespace nor itself asks for it", false);
    }
    if (wish == Wish.NONE
        && settings.never().stream()
            .anyMatch(selector -> !selector.isEmpty() && selector.matches(labels))) {
      return new Decision.Leave("the installation never injects Pods with such labels", false);
    }
    return new Decision.Inject();
  }

  private enum Wish {
    YES,
    NO,
    NONE
  }

  private static Wish wish(Map<String, String> labels, Map<String, String> annotations) {
    String said = labels.get(POD_LABEL);
    return switch (said != null ? said : annotations.getOrDefault(POD_LABEL, "")) {
      case "true" -> Wish.YES;
      case "false" -> Wish.NO;
      default -> Wish.NONE;
    };
  }

  /** What the API server decides by the webhooks' selectors, see {@link InjectionSelectors}. */
  private boolean wanted(Map<String, String> namespace, Map<String, String> pod) {
    String own = namespace.get(NAMESPACE_LABEL);
    if (own != null) {
      return own.equals(ENABLED);
    }
    String istios = namespace.get(ISTIO_NAMESPACE_LABEL);
    if (istios != null) {
      return settings.istioLabels() && istios.equals(ENABLED);
    }
    String revision = namespace.get(REVISION_LABEL);
    if (revision != null) {
      return settings.isAskedForBy(revision);
    }
    String ofPod = pod.get(REVISION_LABEL);
    return ofPod != null
        ? settings.isAskedForBy(ofPod)
        : settings.istioLabels() && "true".equals(pod.get(POD_LABEL));
  }

  /** A sidecar that an injector left, ours or Istio's; not one that is written as an override. */
  static boolean isInjected(JsonNode pod) {
    boolean there =
        PodJson.container(pod, PodJson.CONTAINERS, PodJson.PROXY).isPresent()
            || PodJson.container(pod, PodJson.INIT_CONTAINERS, PodJson.PROXY).isPresent();
    return there && PodJson.annotations(pod).containsKey(STATUS);
  }
}
