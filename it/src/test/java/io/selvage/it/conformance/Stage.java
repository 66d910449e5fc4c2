package io.selvage.it.conformance;

import io.selvage.model.WorkloadView;
import java.util.Map;

/** What is the same for every set: who serves where, and who calls. */
final class Stage {
  static final String TRUST_DOMAIN = "cluster.local";
  static final String ROOT_NAMESPACE = "istio-system";
  static final String NAMESPACE = "foo";
  static final String ACCOUNT = "server";
  static final Map<String, String> LABELS = Map.of("app", "server", "version", "v1");

  /** The server's address, and its client's two. */
  static final String SERVER = "10.77.0.1";

  static final String CLIENT = "10.77.0.2";
  static final String OTHER_CLIENT = "10.77.0.3";

  /** The external authorizer's, which is no part of the mesh. */
  static final String AUTHORIZER = "10.77.0.4";

  static final int HTTP_PORT = 8080;
  static final int TCP_PORT = 9090;
  static final int GRPC_PORT = 8082;

  /** A port that no service names. */
  static final int OTHER_PORT = 7070;

  /** The service as its clients call it. */
  static final String SERVICE = "server.foo.svc.cluster.local";

  static final String HOST = "server.foo:8000";

  static final WorkloadView WORKLOAD = new WorkloadView(NAMESPACE, LABELS);

  /** What the external authorizer looks for, what it wants there, and its words otherwise. */
  static final String CHECKED_HEADER = "x-ext-authz";

  static final String CHECKED_VALUE = "allow";
  static final String CHECK_REFUSAL = "denied by check";

  /** Services, and the external authorizer outside of the mesh; the same for every set. */
  static final String RESOURCES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: server, namespace: foo}
      spec:
        selector: {app: server}
        ports:
        - {name: http, port: 8000, targetPort: 8080}
        - {name: tcp, port: 9000, targetPort: 9090}
        - {name: grpc, port: 8002, targetPort: 8082}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata:
        name: check
        namespace: istio-system
        labels: {networking.istio.io/enable-autoallocate-ip: "false"} # else istiod writes into it
      spec:
        hosts: [check.stage.internal]
        location: MESH_EXTERNAL
        resolution: STATIC
        ports:
        - {number: 8000, name: http, protocol: HTTP}
        - {number: 9000, name: grpc, protocol: GRPC}
        endpoints: [{address: 10.77.0.4}]
      """;

  private Stage() {}

  /** The name in the TLS hello of a sidecar that calls this port of the workload by its service. */
  static String sni(int port) {
    int service =
        switch (port) {
          case HTTP_PORT -> 8000;
          case TCP_PORT -> 9000;
          case GRPC_PORT -> 8002;
          default -> port;
        };
    return "outbound_.%d_._.%s".formatted(service, SERVICE);
  }
}
