package io.selvage.prove;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PortProtocol;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small meshes for tests. */
final class Fixtures {
  static final ProvedWorkload LEDGER =
      workload(
          "payments",
          "ledger",
          http(8080),
          new Port("tcp", 9090, PortProtocol.TCP, Optional.empty(), 9090));
  static final ProvedWorkload FRONT = workload("web", "front");
  static final ProvedWorkload NIGHTLY = workload("batch", "nightly");
  static final ProvedWorkload REPLAY = workload("batch", "replay");

  private Fixtures() {}

  static Port http(int number) {
    return new Port("http", number, PortProtocol.HTTP, Optional.of("ledger.payments"), number);
  }

  static ProvedWorkload workload(String namespace, String name, Port... ports) {
    return new ProvedWorkload(
        "",
        namespace,
        name,
        Map.of("app", name),
        Optional.of("spiffe://cluster.local/ns/" + namespace + "/sa/" + name),
        List.of(ports),
        List.of(),
        true,
        SourceLocation.UNKNOWN);
  }

  static MeshSnapshot snapshot(String yaml) {
    ReadResult read = ResourceReader.read("mesh.yaml", yaml);
    if (read.hasErrors()) {
      throw new IllegalArgumentException(read.problems().toString());
    }
    return MeshSnapshot.of(1, read.resources(), read.problems());
  }

  /** The four workloads under the policies of {@code yaml}. */
  static Mesh mesh(String yaml) {
    return Mesh.of("test", snapshot(yaml), List.of(LEDGER, FRONT, NIGHTLY, REPLAY));
  }

  /** An AuthorizationPolicy of the ledger. */
  static String policy(String name, String action, String rules) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: payments}
        spec:
          selector: {matchLabels: {app: ledger}}
          action: %s
          rules:
        %s
        ---
        """
        .formatted(name, action, rules);
  }
}
