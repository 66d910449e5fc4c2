package io.selvage.it.grpc;

import java.util.Map;

/** What the gRPC meshes of these tests are configured with. */
final class Configuration {
  /** Mesh settings, the servers' service, and STRICT for all. */
  static final Map<String, String> STRICT =
      Map.of(
          "mesh.yaml",
          """
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: istio, namespace: istio-system}
          data:
            mesh: "trustDomain: it.mesh"
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: server, namespace: sample}
          spec:
            selector: {app: server}
            ports: [{name: grpc, port: 50051, targetPort: grpc}]
          """,
          "peers.yaml",
          peers("STRICT"));

  private Configuration() {}

  /** The whole mesh in this mode. */
  static String peers(String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default, namespace: istio-system}
    spec: {mtls: {mode: %s}}
    """
        .formatted(mode);
  }
}
