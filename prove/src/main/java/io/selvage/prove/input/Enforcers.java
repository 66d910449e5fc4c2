package io.selvage.prove.input;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.Namespace;
import io.selvage.model.PodTemplate;
import io.selvage.model.WorkloadEntry;
import io.selvage.prove.Enforcer;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What enforces policies on Pods and machines. Of a Pod that runs it can be seen; one that is only
 * written is taken to get a sidecar unless something says otherwise.
 */
final class Enforcers {
  private static final String PROXY = "istio-proxy";
  private static final String INJECT = "sidecar.istio.io/inject";
  private static final String INJECTED = "sidecar.istio.io/status";
  private static final String NAMESPACE = "istio-injection";
  private static final String TLS_MODE = "security.istio.io/tlsMode";
  private static final String DATAPLANE = "istio.io/dataplane-mode";
  private static final String REDIRECTED = "ambient.istio.io/redirection";
  private static final String CLASS = "gateway.networking.k8s.io/gateway-class-name";
  private static final String REGISTERED_WITH = "istio.io/autoRegistrationGroup";

  private final Set<String> without;
  private final Set<String> ambient;

  Enforcers(MeshSnapshot snapshot) {
    this.without = labelled(snapshot, NAMESPACE, "disabled");
    this.ambient = labelled(snapshot, DATAPLANE, "ambient");
  }

  private static Set<String> labelled(MeshSnapshot snapshot, String label, String value) {
    return snapshot.all(Namespace.class).stream()
        .filter(one -> value.equals(one.meta().labels().get(label)))
        .map(one -> one.meta().name())
        .collect(Collectors.toSet());
  }

  Enforcer of(PodTemplate pods) {
    if (pods.kind().equals(PodTemplate.WORKLOAD_GROUP)) {
      return Enforcer.SIDECAR; // machines register by their proxies
    }
    if (pods.isGateway()) {
      return "istio-waypoint".equals(pods.labels().get(CLASS))
          ? Enforcer.WAYPOINT
          : Enforcer.GATEWAY;
    }
    if (pods.hostNetwork()) {
      return Enforcer.NONE; // connections to it can't be captured
    }
    if (pods.containers().contains(PROXY)
        || pods.annotations().containsKey(INJECTED)
        || "istio".equals(pods.labels().get(TLS_MODE))) {
      return Enforcer.SIDECAR;
    }
    boolean runs = pods.kind().equals("Pod") && !pods.addresses().isEmpty();
    if (isAmbient(pods) && (runs || !injection(pods).equals("true"))) {
      return Enforcer.ZTUNNEL;
    }
    return runs || isOptedOut(pods) ? Enforcer.NONE : Enforcer.SIDECAR;
  }

  /**
   * As istiod has it ({@code getTLSModeFromWorkloadEntry}): a machine of which an account is known
   * speaks the mesh's TLS, unless its label says whether it does; one that registered itself did so
   * by its proxy.
   */
  static Enforcer of(WorkloadEntry entry) {
    String mode = entry.endpoint().labels().getOrDefault(TLS_MODE, "");
    boolean hasProxy =
        mode.isEmpty()
            ? !entry.endpoint().serviceAccount().isEmpty() || !groupOf(entry).isEmpty()
            : mode.equals("istio");
    return hasProxy ? Enforcer.SIDECAR : Enforcer.NONE;
  }

  /** The WorkloadGroup that a machine registered with; empty when nobody did. */
  static String groupOf(WorkloadEntry entry) {
    return entry.meta().annotations().getOrDefault(REGISTERED_WITH, "");
  }

  private boolean isAmbient(PodTemplate pods) {
    String own = pods.labels().getOrDefault(DATAPLANE, "");
    return "enabled".equals(pods.annotations().get(REDIRECTED))
        || (own.isEmpty() ? ambient.contains(pods.namespace()) : own.equals("ambient"));
  }

  private boolean isOptedOut(PodTemplate pods) {
    String own = injection(pods);
    return own.isEmpty() ? without.contains(pods.namespace()) : own.equals("false");
  }

  /** What the Pods themselves say of injection; empty when nothing. */
  private static String injection(PodTemplate pods) {
    return pods.labels().getOrDefault(INJECT, pods.annotations().getOrDefault(INJECT, ""));
  }
}
