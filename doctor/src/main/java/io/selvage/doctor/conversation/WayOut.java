package io.selvage.doctor.conversation;

import io.selvage.control.workload.MeshService;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.PodView;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** How the caller's proxy calls a service: with TLS of the mesh, other TLS, or plaintext. */
final class WayOut {
  private static final String NAME = "way out";

  private WayOut() {}

  static Hop of(ClusterEvidence cluster, PodView caller, MeshService service, int port) {
    if (!caller.isInMesh()) {
      return Hop.of(NAME, Status.WARN, "plaintext: the caller has no proxy");
    }
    Optional<Dump> dump = Parties.proxy(cluster, caller).flatMap(Dump::of);
    if (dump.isEmpty()) {
      return Hop.of(NAME, Status.UNKNOWN, "the caller's proxy did not show its configuration");
    }
    String name = "outbound|%d||%s".formatted(port, service.host());
    return dump.get().clusters().stream()
        .filter(one -> one.path("name").asString("").equals(name))
        .findFirst()
        .map(WayOut::of)
        .orElseGet(
            () ->
                Hop.of(
                    NAME,
                    Status.FAIL,
                    "the caller's proxy has no cluster " + name,
                    "the control plane did not send it, or a Sidecar resource leaves it out"));
  }

  private static Hop of(JsonNode cluster) {
    boolean automatic =
        cluster
            .path("transport_socket_matches")
            .valueStream()
            .anyMatch(one -> one.path("name").asString("").equals("tlsMode-istio"));
    if (automatic) {
      return Hop.of(NAME, Status.PASS, "mTLS of the mesh where the other side has a proxy");
    }
    JsonNode tls = cluster.at("/transport_socket/typed_config");
    if (tls.path("@type").asString("").endsWith("UpstreamTlsContext")) {
      boolean ofMesh = !tls.at("/common_tls_context/tls_certificate_sds_secret_configs").isEmpty();
      return Hop.of(
          NAME,
          Status.PASS,
          ofMesh
              ? "mTLS with the workload's certificate"
              : "TLS without the workload's certificate");
    }
    return Hop.of(NAME, Status.WARN, "plaintext: nothing tells the proxy to use TLS");
  }
}
