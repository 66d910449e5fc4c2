package io.selvage.cli.mesh;

import io.grpc.BindableService;
import io.selvage.ca.CaServer;
import io.selvage.cli.state.MeshState;
import io.selvage.control.CallerAuthenticator;
import io.selvage.control.ControlPlane;
import io.selvage.control.admin.AdminServer;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.control.source.ConfigSource;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.server.AdsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A control plane of this process: ADS over TLS on loopback, with the CA beside it as at istiod.
 */
final class LiveControl implements ClusterControl {

  private static final int PUSH_THREADS = 2;

  private final ControlPlane plane;
  private final CaServer server;
  private final AdminServer admin;
  private final String token;

  private LiveControl(ControlPlane plane, CaServer server, AdminServer admin, String token) {
    this.plane = plane;
    this.server = server;
    this.admin = admin;
    this.token = token;
  }

  static LiveControl start(
      String cluster,
      ConfigSource source,
      ClusterCa ca,
      KeyFetch keys,
      InstantSource clock,
      SecureRandom random)
      throws IOException {
    var plane =
        ControlPlane.start(
            new ControlPlane.Parts(
                source,
                new Workloads(cluster),
                ca.authority().bundle(),
                new CallerAuthenticator(ca.authority().joinTokens().authenticator()),
                AdsServer.Options.DEFAULT,
                new IstioPolicies(),
                keys,
                clock,
                PUSH_THREADS));
    var opened = new ArrayList<AutoCloseable>(List.of(plane));
    try {
      String token = io.selvage.cli.state.AdminServer.newToken(random);
      var admin = AdminServer.start(plane, 0, token);
      opened.add(admin);
      List<BindableService> services = new ArrayList<>(ca.services());
      services.add(() -> plane.ads().service());
      services.add(() -> plane.ads().clientStatusService());
      var server =
          CaServer.start(
              new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
              ca::serving,
              ca.authority()::signing,
              services,
              AdsServer.MAX_REQUEST_BYTES);
      return new LiveControl(plane, server, admin, token);
    } catch (IOException | RuntimeException e) {
      PlaneParts.closeAll(opened);
      throw e;
    }
  }

  @Override
  public Workloads workloads() {
    return plane.workloads();
  }

  @Override
  public MeshSnapshot snapshot() {
    return plane.snapshot();
  }

  @Override
  public ServiceRegistry services() {
    return plane.services();
  }

  @Override
  public void trust(TrustBundle roots) {
    plane.trust().own(roots);
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public Optional<SourceLocation> rule(String id) {
    return Optional.ofNullable(plane.rules().get(id));
  }

  @Override
  public List<Trouble> troubles() {
    var declared = plane.snapshot().problems();
    return plane.status().problems().stream()
        .filter(problem -> problem.severity() != Problem.Severity.NOTICE)
        .filter(problem -> !declared.contains(problem))
        .map(
            problem -> {
              String text =
                  problem.code()
                      + " "
                      + (problem.at().isUnknown() ? problem.message() : problem.render());
              return new Trouble(text, text, problem.isError());
            })
        .toList();
  }

  @Override
  public boolean synced() {
    return plane.status().synced();
  }

  @Override
  public boolean connected(String nodeId) {
    return plane.ads().status().stream().anyMatch(client -> client.nodeId().equals(nodeId));
  }

  @Override
  public void onPush(Runnable listener) {
    var _ = plane.onRound(listener);
  }

  @Override
  public MeshState.ControlPlane admin() {
    return new MeshState.ControlPlane(plane.workloads().id(), admin.url(), token);
  }

  @Override
  public void close() {
    admin.close();
    plane.close();
    server.close();
  }
}
