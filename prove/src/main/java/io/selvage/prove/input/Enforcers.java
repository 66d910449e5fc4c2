package io.selvage.prove.input;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.Namespace;
import io.selvage.model.PodTemplate;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which Pods have a proxy that enforces policies. Of one that runs it can be seen; of one that is
 * only written it is taken for granted unless something says that it gets none.
 */
final class ProxiedPods {
  private static final String INJECT = "sidecar.istio.io/inject";
  private static final String NAMESPACE = "istio-injection";

  private final Set<String> without;

  ProxiedPods(MeshSnapshot snapshot) {
    this.without =
        snapshot.all(Namespace.class).stream()
            .filter(one -> "disabled".equals(one.meta().labels().get(NAMESPACE)))
            .map(one -> one.meta().name())
            .collect(Collectors.toSet());
  }

  boolean isEnforced(PodTemplate pods) {
    if (pods.hostNetwork()) {
      return false; // connections to it can't be captured
    }
    if (pods.containers().contains("istio-proxy")
        || "istio".equals(pods.labels().get("security.istio.io/tlsMode"))) {
      return true;
    }
    boolean runs = pods.kind().equals("Pod") && !pods.addresses().isEmpty();
    return !runs && !isOptedOut(pods);
  }

  private boolean isOptedOut(PodTemplate pods) {
    String own = pods.labels().getOrDefault(INJECT, pods.annotations().getOrDefault(INJECT, ""));
    if (!own.isEmpty()) {
      return own.equals("false");
    }
    return without.contains(pods.namespace());
  }
}
