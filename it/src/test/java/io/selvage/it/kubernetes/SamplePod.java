package io.selvage.it.kubernetes;

import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.OneSidecar;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.telemetry.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A Pod of the namespace {@code sample} that the API alone knows of; what would run in it runs in
 * this process.
 *
 * @param name its ServiceAccount's, too
 * @param app its label
 * @param address on loopback
 */
record SamplePod(String name, String app, String address) {
  /** Where its sidecar takes requests to proxy. */
  static final int PROXY_PORT = 15080;

  /** Has the API know it as a running Pod of the mesh. */
  void declare(Cluster cluster) throws Exception {
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: %1$s, namespace: sample}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: %1$s, namespace: sample, labels: {app: %2$s, security.istio.io/tlsMode: istio}}
            spec: {serviceAccountName: %1$s, nodeName: n1, containers: [{name: app, image: app}]}
            """
                .formatted(name, app));
    cluster
        .client()
        .status(
            Manifest.read(
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s, namespace: sample}
                    status: {phase: Running, podIP: %s, podIPs: [{ip: %2$s}]}
                    """
                        .formatted(name, address))
                .getFirst());
  }

  /**
   * Its sidecar, which joins with its token.
   *
   * @param port of CA and ADS
   * @param roots by which those are known, PEM
   */
  OneSidecar sidecar(ProxyEngine engine, Cluster cluster, int port, String roots) throws Exception {
    return new OneSidecar(
        engine,
        WorkloadSpec.local("sample/" + name, Workload.UNKNOWN, List.of()),
        address,
        Map.of(
            "CLUSTER_ID",
            Replica.CLUSTER,
            "INTERCEPTION_MODE",
            "NONE",
            "HTTP_PROXY_PORT",
            Integer.toString(PROXY_PORT)),
        Duration.ZERO,
        new OnePlane.Invitation(
            port, port, roots, cluster.client().istioToken("sample", name, name)));
  }
}
