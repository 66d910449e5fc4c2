package io.selvage.doctor.mesh;

import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import java.util.Locale;
import java.util.Optional;

/** The proxies that were asked, and the Pods that they are in. */
public final class Proxies {
  private Proxies() {}

  /** {@code namespace/name}. */
  public static String shown(ProxyView proxy) {
    return proxy.namespace() + "/" + proxy.name();
  }

  public static ObjectRef ref(ProxyView proxy) {
    return new ObjectRef("Pod", proxy.namespace(), proxy.name());
  }

  /** Its Pod; empty when it was not seen, or the workload is none. */
  public static Optional<ApiObject> pod(ClusterEvidence cluster, ProxyView proxy) {
    return cluster.objects().find(Kind.POD, proxy.namespace(), proxy.name());
  }

  /** Restarts the workload of a Pod; empty when nothing would make the Pod anew. */
  public static Optional<Fix> restart(ClusterEvidence cluster, String namespace, String pod) {
    return cluster
        .objects()
        .find(Kind.POD, namespace, pod)
        .flatMap(found -> Owners.workload(cluster.objects(), found))
        .map(owner -> new Fix.Restart("restart " + owner, owner));
  }

  /** What restarts it, as a command. */
  public static String restartCommand(ClusterEvidence cluster, String namespace, String pod) {
    return cluster
        .objects()
        .find(Kind.POD, namespace, pod)
        .flatMap(found -> Owners.workload(cluster.objects(), found))
        .map(
            owner ->
                "kubectl -n %s rollout restart %s/%s"
                    .formatted(namespace, owner.kind().toLowerCase(Locale.ROOT), owner.name()))
        .orElse("kubectl -n %s delete pod %s".formatted(namespace, pod));
  }
}
