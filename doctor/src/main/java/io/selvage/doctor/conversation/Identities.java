package io.selvage.doctor.conversation;

import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.view.PodView;
import java.util.Optional;

/** Who a Pod is, and whether its proxy can show that. */
final class Identities {
  private Identities() {}

  static Hop who(String name, PodView pod) {
    String what = "Pod %s, ServiceAccount %s".formatted(pod.qualified(), pod.serviceAccount());
    if (pod.isInMesh()) {
      return Hop.of(
          name,
          Status.PASS,
          what + (pod.hasSidecar() ? ", with a sidecar" : ", its node's proxy stands for it"));
    }
    return Hop.of(
        name,
        name.equals("caller") ? Status.WARN : Status.FAIL,
        what + ", without a proxy",
        name.equals("caller")
            ? "what it sends is plaintext, and it has no identity"
            : "nothing of what policies say is enforced on it");
  }

  static String spiffe(PodView pod, String trustDomain) {
    return "spiffe://%s/ns/%s/sa/%s".formatted(trustDomain, pod.namespace(), pod.serviceAccount());
  }

  /**
   * What its proxy holds.
   *
   * @param trustDomain the mesh's; empty when its settings could not be seen
   */
  static Hop certificate(ClusterEvidence cluster, PodView pod, Optional<String> trustDomain) {
    if (!pod.isInMesh()) {
      return Hop.of("certificate", Status.SKIP, "none: it has no proxy");
    }
    Optional<ProxyCertificate> held = Parties.proxy(cluster, pod).flatMap(ProxyCertificate::of);
    if (held.isEmpty()) {
      return Hop.of("certificate", Status.UNKNOWN, "its proxy did not show one");
    }
    if (trustDomain.isEmpty()) {
      return Hop.of(
          "certificate",
          Status.UNKNOWN,
          "it says %s; the mesh's trust domain could not be seen"
              .formatted(String.join(", ", held.get().uris())));
    }
    String wanted = spiffe(pod, trustDomain.get());
    if (!held.get().uris().contains(wanted)) {
      return Hop.of(
          "certificate",
          Status.FAIL,
          "it says %s, the Pod is %s".formatted(String.join(", ", held.get().uris()), wanted));
    }
    boolean valid =
        !cluster.taken().isBefore(held.get().notBefore())
            && cluster.taken().isBefore(held.get().notAfter());
    return Hop.of(
        "certificate",
        valid ? Status.PASS : Status.FAIL,
        "%s, from %s until %s".formatted(wanted, held.get().notBefore(), held.get().notAfter()));
  }
}
