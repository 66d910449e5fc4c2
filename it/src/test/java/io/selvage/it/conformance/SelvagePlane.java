package io.selvage.it.conformance;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.selvage.control.ControlPlane;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.it.stage.RunningMesh;
import io.selvage.model.MeshSnapshot;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.ClientStatus;
import io.selvage.xds.server.NodeAuthenticator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Our control plane for the stage, its configuration put there set by set. */
final class SelvagePlane implements AutoCloseable {
  static final String CLUSTER = "local";

  /** The server's node id. */
  static final String NODE =
      "sidecar~%s~%s.%s~%s.svc.cluster.local"
          .formatted(Stage.SERVER, Stage.ACCOUNT, Stage.NAMESPACE, Stage.NAMESPACE);

  /** What the node says beside it. */
  static final Map<String, String> METADATA =
      Map.of("CLUSTER_ID", CLUSTER, "SERVICE_ACCOUNT", Stage.ACCOUNT);

  private final HeldSource source;
  private final ControlPlane control;
  private final Server ads;
  private MeshSnapshot mesh;

  /**
   * Starts it.
   *
   * @param authority whose root is the mesh's
   * @param first what it begins with
   */
  SelvagePlane(CaseAuthority authority, MeshSnapshot first) throws IOException, PkiException {
    this.mesh = first;
    this.source = new HeldSource(first);
    var workloads = new Workloads(CLUSTER);
    workloads.put(
        new WorkloadInstance(
            Stage.ACCOUNT,
            Stage.NAMESPACE,
            Stage.ACCOUNT,
            Stage.LABELS,
            Stage.SERVER,
            Map.of(),
            Map.of(),
            CLUSTER,
            "",
            1,
            true));
    this.control =
        ControlPlane.start(
            new ControlPlane.Parts(
                source,
                workloads,
                TrustBundle.parse(Pem.of(authority.root())),
                NodeAuthenticator.trusting(),
                new AdsServer.Options(true, 8),
                new IstioPolicies(),
                (address, timeout) -> {
                  throw new IOException("there is no network");
                },
                InstantSource.system(),
                1));
    this.ads =
        NettyServerBuilder.forAddress(new InetSocketAddress(RunningMesh.loopback(), 0))
            .addService(control.ads().service())
            .build()
            .start();
  }

  /** Its service. */
  ServerServiceDefinition ads() {
    return control.ads().service();
  }

  /** A new channel to it. */
  ManagedChannel channel() {
    return NettyChannelBuilder.forAddress("127.0.0.1", ads.getPort()).usePlaintext().build();
  }

  /** Another mesh from now on. */
  void put(MeshSnapshot next) {
    mesh = next;
    source.put(next);
  }

  /** The mesh that was put there last. */
  MeshSnapshot mesh() {
    return mesh;
  }

  /** What the proxy refuses of it. */
  Optional<String> refusal() {
    return control.ads().status().stream()
        .flatMap(client -> client.types().stream())
        .filter(type -> type.state() == ClientStatus.State.NACKED)
        .flatMap(type -> type.nack().stream())
        .map(ClientStatus.Nack::detail)
        .findFirst();
  }

  @Override
  public void close() {
    ads.shutdownNow();
    control.close();
  }
}
