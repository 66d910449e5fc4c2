package io.selvage.cli.agent;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.CaptureRules;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.Invitation;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.StateDirectory;
import io.selvage.xds.bootstrap.SidecarBootstrap;
import io.selvage.xds.bootstrap.SidecarBootstrap.Variant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A workload of a mesh that runs on this machine, whose proxy is the user's.
 *
 * @param mesh as it was found
 * @param workload one with {@code proxy: external}
 * @param directory where the mesh is found again, should it be started anew
 */
public record JoinedWorkload(
    MeshState mesh, MeshState.Workload workload, StateDirectory directory) {

  /** Istio's port of the admin endpoint. */
  private static final int ADMIN_PORT = 15000;

  /** Istio's port at which Prometheus finds a sidecar's figures. */
  private static final int METRICS_PORT = 15090;

  private static final String SOCKET = "agent.sock";

  /**
   * Looks the workload up.
   *
   * @throws UserError when its proxy is not the user's, or the mesh does not answer
   */
  public static JoinedWorkload of(
      MeshState mesh, MeshState.Workload workload, StateDirectory directory) {
    var joined = new JoinedWorkload(mesh, workload, directory);
    var _ = joined.asked(mesh);
    return joined;
  }

  private Invitation asked(MeshState state) {
    JsonNode answer =
        new AdminClient(state)
            .ask(
                "/v1/join/%s/%s/%s"
                    .formatted(workload.cluster(), workload.namespace(), workload.name()))
            .orElseThrow(
                () ->
                    new UserError(
                        ExitCode.USAGE,
                        "%s has a proxy of Selvage's: write `proxy: external` in workloads.yaml"
                            .formatted(workload.qualifiedName())));
    return JsonMapper.shared().treeToValue(answer, Invitation.class);
  }

  /** What a proxy needs to join as this workload. */
  public Invitation invitation() {
    return asked(mesh);
  }

  /**
   * The way in now.
   *
   * @throws IOException when the mesh is not there
   */
  Invitation invite() throws IOException {
    try {
      return asked(directory.find(mesh.mesh()));
    } catch (UserError e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The agent that lets a proxy join as this workload. */
  public Agent.Inviter inviter() {
    return this::invite;
  }

  /** Whose process the proxy is: with namespaces another's than the application. */
  public OptionalInt user() {
    return mesh.isolation().mode() == Isolation.Mode.ROOT_NAMESPACES
        ? OptionalInt.of(CaptureRules.PROXY_UID)
        : OptionalInt.empty();
  }

  /**
   * Where proxy and agent meet.
   *
   * @param other wanted instead; null: below {@code /run} where another user has to get there, else
   *     beside the mesh's state
   */
  public Path socket(@Nullable Path other) {
    if (other != null) {
      return other.toAbsolutePath();
    }
    Path folder =
        user().isPresent()
            ? Path.of("/run/selvage").resolve(mesh.mesh())
            : directory.path(mesh.mesh()).resolve("agents").toAbsolutePath();
    return folder.resolve(workload.fileName()).resolve(SOCKET);
  }

  /** With what an Envoy joins by the agent at {@code socket}. */
  public SidecarBootstrap bootstrap(Path socket, boolean whole) {
    var invitation = asked(mesh);
    boolean namespaces = mesh.isolation().mode().namespaces();
    var own = InetAddress.ofLiteral(namespaces ? "127.0.0.1" : workload.address());
    var everybody = InetAddress.ofLiteral(namespaces ? "0.0.0.0" : workload.address());
    return new SidecarBootstrap(
        invitation.nodeId(),
        invitation.nodeCluster(),
        invitation.metadata(),
        socket,
        socket,
        new InetSocketAddress(own, ADMIN_PORT),
        Optional.of(new InetSocketAddress(everybody, METRICS_PORT)),
        whole ? Variant.STATE_OF_THE_WORLD : Variant.DELTA);
  }
}
