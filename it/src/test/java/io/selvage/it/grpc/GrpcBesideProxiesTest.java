package io.selvage.it.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status.Code;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.selvage.it.grpc.AnyMethod.Ended;
import io.selvage.it.stage.OneSidecar;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Until;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC programs without proxies, and workloads with our proxy, call each other. */
@Tag("real")
class GrpcBesideProxiesTest {
  private static final String PROXIED = "127.95.5.1";
  private static final String CALLER = "127.95.5.2";
  private static final int PORT = 50051;
  private static final int HTTP_PROXY = 15080;
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: proxied, namespace: sample}
      spec:
        selector: {app: proxied}
        ports: [{name: grpc, port: 50051, targetPort: grpc}]
      """;

  @TempDir private static Path home;
  private static final Opened OPENED = new Opened();
  private static GrpcMesh mesh;
  private static Program sleep;
  private static ManagedChannel byProxy;

  @BeforeAll
  static void up() throws Exception {
    try {
      Map<String, String> configuration = new HashMap<>(Configuration.STRICT);
      configuration.put("proxied.yaml", SERVICE);
      mesh = OPENED.add(new GrpcMesh(home, configuration));
      Program server = mesh.starting("one", "server", "127.95.5.3");
      sleep = mesh.client("sample", "sleep", "127.95.5.4");
      server.untilReady();

      Server program =
          NettyServerBuilder.forAddress(new InetSocketAddress(RunningMesh.loopback(), 0))
              .fallbackHandlerRegistry(AnyMethod.registry("proxied"))
              .build()
              .start();
      OPENED.add(program::shutdownNow);
      mesh.register(
          "sample",
          "proxied",
          "proxied",
          PROXIED,
          Map.of(PORT, "127.0.0.1:" + program.getPort()),
          PORT);
      mesh.register("sample", "caller", "caller", CALLER, Map.of(), 1);
      var engine =
          OPENED.add(
              new ProxyEngine(
                  new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system())));
      OPENED.add(sidecar(engine, "proxied", PROXIED, Map.of()));
      OPENED.add(
          sidecar(
              engine, "caller", CALLER, Map.of("HTTP_PROXY_PORT", Integer.toString(HTTP_PROXY))));
      byProxy =
          NettyChannelBuilder.forAddress(CALLER, HTTP_PROXY)
              .overrideAuthority("server.sample.svc.cluster.local:50051")
              .usePlaintext()
              .build();
      OPENED.add(byProxy::shutdownNow);
    } catch (Exception | AssertionError e) {
      OPENED.close();
      throw e;
    }
  }

  private static OneSidecar sidecar(
      ProxyEngine engine, String name, String address, Map<String, String> more) throws Exception {
    Map<String, String> metadata = new HashMap<>(more);
    metadata.put("INTERCEPTION_MODE", "NONE");
    return new OneSidecar(
        engine,
        WorkloadSpec.local("sample/" + name, Workload.UNKNOWN, List.of()),
        address,
        metadata,
        Duration.ZERO,
        mesh.plane().invite(name));
  }

  @AfterAll
  static void down() {
    OPENED.close();
  }

  private static Ended toProxied(String path) throws Exception {
    return sleep.call("xds:///proxied.sample:50051", path);
  }

  private static Ended fromProxy(String path) {
    return AnyMethod.call(byProxy, path, List.of());
  }

  @Test
  void aGrpcClientReachesAProxiedWorkloadWithItsIdentityWhetherStrictOrPermissive()
      throws Exception {
    for (String mode : List.of("STRICT", "PERMISSIVE", "STRICT")) {
      mesh.apply("peers.yaml", Configuration.peers(mode));
      Until.seen(
          "it is answered under " + mode,
          () -> toProxied("/it.Any/Thing").text(),
          "proxied spiffe://it.mesh/ns/sample/sa/sleep /it.Any/Thing"::equals);
    }
  }

  @Test
  void aProxiedClientReachesAGrpcServerWithItsIdentity() throws Exception {
    Until.seen(
        "it is answered",
        () -> fromProxy("/it.Any/Thing").text(),
        "one spiffe://it.mesh/ns/sample/sa/caller /it.Any/Thing"::equals);
  }

  @Test
  void onePolicyMeansTheSameAtBoth() throws Exception {
    GrpcMesh.until("the proxied one answers", () -> toProxied("/it.Any/Thing"), Code.OK);
    GrpcMesh.until("the other one, too", () -> fromProxy("/it.Any/Thing"), Code.OK);
    mesh.apply(
        "policies.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: denied, namespace: sample}
        spec:
          action: DENY
          rules:
          - to: [{operation: {paths: [/it.Denied/*]}}]
          - from: [{source: {principals: [it.mesh/ns/sample/sa/caller]}}]
            to: [{operation: {paths: [/it.NotCaller/*]}}]
          - from: [{source: {principals: [it.mesh/ns/sample/sa/sleep]}}]
            to: [{operation: {paths: [/it.NotSleep/*]}}]
        """);

    GrpcMesh.until("at the proxy", () -> toProxied("/it.Denied/X"), Code.PERMISSION_DENIED);
    GrpcMesh.until("without one", () -> fromProxy("/it.Denied/X"), Code.PERMISSION_DENIED);
    assertThat(toProxied("/it.NotSleep/X").code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(toProxied("/it.NotCaller/X").code()).isEqualTo(Code.OK);
    assertThat(fromProxy("/it.NotCaller/X").code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(fromProxy("/it.NotSleep/X").code()).isEqualTo(Code.OK);

    mesh.remove("policies.yaml");
    GrpcMesh.until("again", () -> fromProxy("/it.Denied/X"), Code.OK);
  }
}
