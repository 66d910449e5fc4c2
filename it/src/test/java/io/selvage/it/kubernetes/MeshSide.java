package io.selvage.it.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.client.CertificateClient;
import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.it.istiod.AgentSidecar;
import io.selvage.it.istiod.KubeClient;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.istiod.Relay;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of several clusters of a mesh: a real API, our control plane, and our proxies before
 * workloads in network namespaces, whose Pods and slices are written here, as there is no kubelet
 * and no controller. All of it is in the namespace {@code sample}.
 */
final class MeshSide implements AutoCloseable {
  private static final int HTTP_PROXY = 15080;

  private final Opened opened = new Opened();
  private final String id;
  private final Cluster cluster;
  private final Gate forNeighbours;
  private final KubernetesClient admin;
  private final ProxyEngine engine;
  private final MeshNetwork network;
  private final int program;
  private final Map<String, WorkloadNamespace> places = new HashMap<>();
  private @Nullable Replica replica;

  private MeshSide(String id, Path folder, MeshNetwork network, int program, String settings)
      throws Exception {
    this.id = id;
    this.network = network;
    this.program = program;
    try {
      this.cluster = opened.add(Cluster.start(folder));
      this.forNeighbours = cluster.gate();
      this.admin = cluster.connect(cluster.gate());
      this.engine =
          opened.add(
              new ProxyEngine(
                  new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system())));
      client()
          .apply(
              """
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: istio, namespace: istio-system}
              data: {mesh: '%s'}
              ---
              {apiVersion: v1, kind: Namespace, metadata: {name: sample}}
              ---
              apiVersion: security.istio.io/v1
              kind: PeerAuthentication
              metadata: {name: default, namespace: istio-system}
              spec: {mtls: {mode: STRICT}}
              """
                  .formatted(settings));
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /**
   * A cluster without control plane.
   *
   * @param id in the mesh and in the network
   * @param program where {@code httpbin} listens in its Pods here
   * @param settings of the mesh, as JSON
   */
  static MeshSide start(String id, Path folder, MeshNetwork network, int program, String settings)
      throws Exception {
    return new MeshSide(id, folder, network, program, settings);
  }

  /** Starts the control plane. */
  void control() throws Exception {
    replica = opened.add(Replica.of(id, admin));
  }

  Replica replica() {
    return Objects.requireNonNull(replica, "after control()");
  }

  String id() {
    return id;
  }

  KubeClient client() {
    return cluster.client();
  }

  /** Of somebody who may do everything. */
  KubernetesClient admin() {
    return admin;
  }

  /** With one context, the cluster's id, whose user may do everything. */
  Path kubeconfig() throws IOException {
    return cluster.kubeconfig(cluster.api().port(), id, cluster.api().adminToken());
  }

  /** The wire by which neighbours reach the API server. */
  Gate forNeighbours() {
    return forNeighbours;
  }

  /** As the others know it. */
  RemoteSecrets.Member member() {
    return new RemoteSecrets.Member(
        id, admin, Optional.of("https://127.0.0.1:" + forNeighbours.port()));
  }

  /** The Service {@code httpbin}; clients know its port by the same name in every cluster. */
  void httpbinService() throws Exception {
    client()
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: httpbin, namespace: sample}
            spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000, targetPort: %d}]}
            """
                .formatted(program));
  }

  /** Takes a Pod's object away at once. */
  void deletePod(String name) {
    admin.pods().inNamespace("sample").withName(name).withGracePeriod(0).delete();
  }

  /** Says that these Pods are ready to serve {@code httpbin}, and no others. */
  void httpbinEndpoints(String... pods) throws Exception {
    var endpoints = new StringBuilder();
    for (String pod : pods) {
      endpoints.append(
          "{addresses: [%s], conditions: {ready: true}, targetRef: {kind: Pod, name: %s}},"
              .formatted(place(pod).address(), pod));
    }
    client()
        .apply(
            """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: httpbin-1
              namespace: sample
              labels: {kubernetes.io/service-name: httpbin}
            addressType: IPv4
            ports: [{name: http, port: %d, protocol: TCP}]
            endpoints: [%s]
            """
                .formatted(program, endpoints));
  }

  /** A Pod with its ServiceAccount, running in a namespace of its own with our proxy. */
  OneSidecar pod(String name, String app, String node) throws Exception {
    WorkloadNamespace place = running(name, app, node);
    NetworkNamespace namespace = opened.add(NetworkNamespace.open(place.path()));
    return opened.add(
        new OneSidecar(
            engine,
            new WorkloadSpec(
                "sample/" + name,
                Workload.UNKNOWN,
                Optional.of(namespace),
                true,
                List.of(),
                Optional.empty()),
            place.address(),
            Map.of(
                "CLUSTER_ID",
                id,
                "SERVICE_ACCOUNT",
                app,
                "HTTP_PROXY_PORT",
                Integer.toString(HTTP_PROXY)),
            Duration.ZERO,
            new OnePlane.Invitation(
                replica().port(), replica().port(), replica().roots(), token(name, app))));
  }

  /** The same with Istio's agent and its Envoy, and with the program of {@code httpbin}. */
  AgentSidecar agentPod(String name, String node, String trustDomain, Path folder)
      throws Exception {
    WorkloadNamespace place = running(name, "httpbin", node);
    NetworkNamespace namespace = opened.add(NetworkNamespace.open(place.path()));
    opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(program), name)));
    return opened.add(
        AgentSidecar.start(
            new AgentSidecar.Plane(
                replica().port(),
                Replica.SERVER_NAME,
                replica().roots(),
                id,
                trustDomain,
                client()),
            new io.selvage.it.istiod.Workload(
                "sample", name, "httpbin", place.address(), Map.of("app", "httpbin")),
            place,
            folder));
  }

  private WorkloadNamespace running(String name, String app, String node) throws Exception {
    WorkloadNamespace place = network.add(id, "sample", name, true);
    places.put(name, place);
    client()
        .apply(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: %2$s, namespace: sample}}
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: %1$s
              namespace: sample
              labels: {app: %2$s, security.istio.io/tlsMode: istio}
              annotations: {sidecar.istio.io/status: '{"revision": "selvage"}'}
            spec: {serviceAccountName: %2$s, nodeName: %3$s, containers: [{name: app, image: app}]}
            """
                .formatted(name, app, node));
    client()
        .status(
            Manifest.read(
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s, namespace: sample}
                    status: {phase: Running, podIP: %s, podIPs: [{ip: %2$s}]}
                    """
                        .formatted(name, place.address()))
                .getFirst());
    return place;
  }

  /**
   * A Pod that is ready to serve {@code httpbin} once {@link #httpbinEndpoints} says so; its
   * program can be ended.
   */
  Httpbin httpbinPod(String name, String node) throws Exception {
    OneSidecar sidecar = pod(name, "httpbin", node);
    Until.holds(name + " is ready", sidecar::connected);
    NetworkNamespace namespace = opened.add(NetworkNamespace.open(place(name).path()));
    return opened.add(namespace.call(() -> Httpbin.start(new InetSocketAddress(program), name)));
  }

  /** A node in a region. */
  void node(String name, String region) throws Exception {
    client()
        .apply(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: %s, labels: {topology.kubernetes.io/region: %s}}
            """
                .formatted(name, region));
  }

  /** The application in a Pod as one that calls others. */
  Caller caller(String pod) throws Exception {
    NetworkNamespace namespace = opened.add(NetworkNamespace.open(place(pod).path()));
    return opened.add(new Caller(opened.add(Relay.into(namespace, HTTP_PROXY)).port()));
  }

  private WorkloadNamespace place(String pod) {
    return Objects.requireNonNull(places.get(pod), pod);
  }

  /** A token as kubelet gives it to a Pod. */
  String token(String pod, String account) throws Exception {
    return client().istioToken("sample", account, pod);
  }

  /** Whom the CA here takes the bearer of a token for. */
  String certified(String token, String cluster) throws Exception {
    TrustBundle roots = TrustBundle.parse(replica().roots());
    return new CertificateClient(
            CertificateClient.Settings.of(
                "127.0.0.1", replica().port(), Replica.SERVER_NAME, cluster),
            () -> roots,
            () -> Optional.of(token),
            Thread::sleep,
            InstantSource.system(),
            new SecureRandom())
        .request(Optional.empty())
        .certificate()
        .spiffeId()
        .toString();
  }

  @Override
  public void close() {
    opened.close();
  }
}
