package io.selvage.it.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.selvage.ca.client.CertificateClient;
import io.selvage.cli.grpc.GrpcAgent;
import io.selvage.cli.grpc.GrpcBootstrap;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.grpc.AnyMethod.Ended;
import io.selvage.it.istiod.Istiod;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.istiod.Workload;
import io.selvage.it.istiod.Workload.ServicePort;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.pki.TrustBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reference: the same gRPC programs under Istio's own control plane, with our agent in the
 * place of Istio's.
 */
@Tag("real")
class GrpcUnderIstiodTest {
  private static final String SERVICE = "xds:///server.foo.svc.cluster.local:8002";
  private static final int PORT = 8082;

  /** Istio's gRPC speaks plaintext unless a DestinationRule says otherwise. */
  private static final String MUTUAL =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: foo}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: server, namespace: foo}
      spec:
        host: server.foo.svc.cluster.local
        trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}
      """;

  @TempDir private static Path home;
  private static final Opened OPENED = new Opened();
  private static Istiod istiod;
  private static Program client;

  @BeforeAll
  static void up() throws Exception {
    try {
      Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
      MeshNetwork network =
          OPENED.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("grpc"),
                  List.of(Istiod.CLUSTER),
                  home.resolve("netns")));
      WorkloadNamespace atServer = network.add(Istiod.CLUSTER, "foo", "server", false);
      WorkloadNamespace atClient = network.add(Istiod.CLUSTER, "foo", "client", false);
      istiod = OPENED.add(Istiod.start(home.resolve("istiod"), Istiod.Settings.DEFAULT));
      var server =
          new Workload("foo", "server", "server", atServer.address(), Map.of("app", "server"));
      var caller =
          new Workload("foo", "client", "client", atClient.address(), Map.of("app", "client"));
      istiod.add(server, "server", List.of(new ServicePort("grpc", 8002, PORT)));
      istiod.add(caller, "client", List.of(new ServicePort("grpc", 8002, PORT)));
      istiod.replace(Manifest.read(MUTUAL));
      Program serving =
          program(
              server,
              atServer,
              Tool.java(List.of("-Xmx96m"), GrpcServer.class, "server", Integer.toString(PORT)));
      client = program(caller, atClient, Tool.java(List.of("-Xmx96m"), GrpcClient.class));
      serving.untilReady();
      client.untilReady();
    } catch (Exception | AssertionError e) {
      OPENED.close();
      throw e;
    }
  }

  private static Program program(Workload workload, WorkloadNamespace place, List<String> command)
      throws Exception {
    GrpcAgent agent = OPENED.add(agent(workload));
    agent.ready().get(20, TimeUnit.SECONDS);
    List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", place.name()));
    inside.addAll(command);
    return OPENED.add(
        Program.start(
            Map.of("GRPC_XDS_BOOTSTRAP", agent.bootstrapFile().toString()),
            home.resolve(workload.name() + ".log"),
            inside));
  }

  private static GrpcAgent agent(Workload workload) throws Exception {
    String token =
        istiod
            .kube()
            .client()
            .istioToken(workload.namespace(), workload.account(), workload.name());
    TrustBundle roots = TrustBundle.parse(istiod.roots());
    var clock = InstantSource.system();
    var random = new SecureRandom();
    return GrpcAgent.start(
        new GrpcAgent.Settings(
            GrpcBootstrap.of(
                workload.namespace(),
                workload.name(),
                workload.address(),
                Map.of(
                    "CLUSTER_ID",
                    Istiod.CLUSTER,
                    "NAMESPACE",
                    workload.namespace(),
                    "SERVICE_ACCOUNT",
                    workload.account()),
                home.resolve(workload.name()),
                GrpcMesh.REFRESH),
            new CertificateClient(
                CertificateClient.Settings.of(
                    "127.0.0.1", istiod.port(), Istiod.SERVER_NAME, Istiod.CLUSTER),
                () -> roots,
                () -> Optional.of(token),
                Thread::sleep,
                clock,
                random),
            "127.0.0.1",
            istiod.port(),
            Istiod.SERVER_NAME,
            roots,
            clock,
            random));
  }

  @AfterAll
  static void down() {
    OPENED.close();
  }

  private static Ended call(String path) throws Exception {
    return client.call(SERVICE, path);
  }

  private static void policies(String yaml) throws Exception {
    istiod.replace(Manifest.read(MUTUAL + "---\n" + yaml));
  }

  @Test
  void aCallArrivesWithTheIdentityThatIstiodGaveThroughOurAgent() throws Exception {
    GrpcMesh.until("it is answered", () -> call("/it.Any/Thing"), Code.OK);

    assertThat(call("/it.Any/Thing").text())
        .isEqualTo("server spiffe://cluster.local/ns/foo/sa/client /it.Any/Thing");
  }

  @Test
  void policiesHoldAsUnderOurControlPlane() throws Exception {
    policies(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: denied, namespace: foo}
        spec:
          action: DENY
          rules:
          - to: [{operation: {paths: [/it.Denied/*]}}]
          - from: [{source: {principals: [cluster.local/ns/foo/sa/client]}}]
            to: [{operation: {paths: [/it.NotClient/*]}}]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: allowed, namespace: foo}
        spec:
          rules:
          - from: [{source: {namespaces: [foo]}}]
            to: [{operation: {paths: [/it.*]}}]
        """);
    GrpcMesh.until("it is denied", () -> call("/it.Denied/Thing"), Code.PERMISSION_DENIED);

    assertThat(call("/it.NotClient/Thing").code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(call("/other.Any/Thing").code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(call("/it.Any/Thing").code()).isEqualTo(Code.OK);
    istiod.replace(Manifest.read(MUTUAL));
    GrpcMesh.until("it is allowed again", () -> call("/it.Denied/Thing"), Code.OK);
  }

  /** Where we are not as the reference: it leaves out an ALLOW without rules (grpcgen/lds.go). */
  @Test
  void anAllowPolicyWithoutRulesStopsNothingUnderIstiod() throws Exception {
    policies(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: nothing, namespace: foo}
        spec: {}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: marked, namespace: foo}
        spec: {action: DENY, rules: [{to: [{operation: {paths: [/it.Marked/*]}}]}]}
        """);
    GrpcMesh.until("it holds", () -> call("/it.Marked/Thing"), Code.PERMISSION_DENIED);

    assertThat(call("/it.Any/Thing").code()).isEqualTo(Code.OK);
    istiod.replace(Manifest.read(MUTUAL));
    GrpcMesh.until("it is allowed again", () -> call("/it.Marked/Thing"), Code.OK);
  }
}
