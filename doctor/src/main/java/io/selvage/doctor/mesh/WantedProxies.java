package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.PodView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which Pods their namespace or their own label wants to have a proxy, whether or not they do. */
public final class WantedProxies {
  private static final Set<String> SYSTEM =
      Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");

  /** The label of what stands for a proxy: {@code ambient} or {@code none}. */
  public static final String MODE = "istio.io/dataplane-mode";

  private final Map<String, ApiObject> namespaces = new HashMap<>();
  private final List<MeshWebhook> webhooks;

  private WantedProxies(ClusterEvidence cluster) {
    cluster.objects().all(Kind.NAMESPACE).forEach(one -> namespaces.put(one.name(), one));
    this.webhooks = MeshWebhook.anyInjecting(cluster);
  }

  /** By the namespaces and webhooks of a cluster; none are wanted where these are unseen. */
  public static WantedProxies of(ClusterEvidence cluster) {
    return new WantedProxies(cluster);
  }

  /** The namespace; empty when it is not there, or was not seen. */
  public Optional<ApiObject> namespace(String name) {
    return Optional.ofNullable(namespaces.get(name));
  }

  /** Whether this Pod should have one. */
  public boolean isFor(PodView pod) {
    ApiObject namespace = namespaces.get(pod.namespace());
    if (namespace == null || pod.usesHostNetwork() || SYSTEM.contains(pod.namespace())) {
      return false;
    }
    boolean refused =
        Stream.of(pod.labels(), pod.pod().annotations())
            .anyMatch(all -> "false".equals(all.get("sidecar.istio.io/inject")));
    if (refused) {
      return false;
    }
    boolean ambient =
        "ambient".equals(namespace.labels().get(MODE)) && !"none".equals(pod.labels().get(MODE));
    Map<String, String> labels = MeshWebhook.labelsOf(namespace);
    return ambient || webhooks.stream().anyMatch(one -> one.asks(labels, pod.labels()));
  }
}
