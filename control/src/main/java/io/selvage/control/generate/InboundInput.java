package io.selvage.control.generate;

import io.selvage.control.workload.InboundPort;
import io.selvage.model.MeshConfig;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.Authorization;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.HttpFilter.JwtAuthentication;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the inbound side of a proxy depends on, and nothing else: two proxies with equal
 * inputs get the same resources, and a proxy whose input did not change is left alone.
 *
 * @param ports declared by services
 * @param modes what each port accepts: those declared, and those that only a PeerAuthentication
 *     names
 * @param otherMode what every other port accepts
 * @param policies what is enforced
 * @param jwt which tokens are taken
 * @param mesh settings of the mesh
 * @param bound where the proxy itself listens, when connections are not captured
 * @param family of the workload's address
 */
public record InboundInput(
    List<InboundPort> ports,
    Map<Integer, Mode> modes,
    Mode otherMode,
    Policies policies,
    Optional<JwtAuthentication> jwt,
    MeshConfig mesh,
    Optional<Bound> bound,
    AddressFamily family) {

  /**
   * What a workload enforces.
   *
   * @param http on ports where requests are seen
   * @param tcp on all others
   * @param providers where CUSTOM stages ask
   */
  public record Policies(
      Authorization http, Authorization tcp, List<ExternalAuthorizer> providers) {
    /** As identities: the parts come out of one memo, so equal policies are the same objects. */
    @Override
    public int hashCode() {
      return http.stages().size() * 31 + tcp.stages().size();
    }
  }

  /**
   * Where a proxy listens and where its program does, without capture.
   *
   * @param address literal IP
   * @param apps {@code host:port} of the program, by own port
   */
  public record Bound(String address, Map<Integer, String> apps) {}

  /** What the mode of a declared port is. */
  Mode mode(int port) {
    return modes.getOrDefault(port, otherMode);
  }

  /** Cheap: policies can be many, and are told apart by equality alone. */
  @Override
  public int hashCode() {
    return ports.hashCode() * 31 + modes.size() + bound.hashCode() * 17 + policies.hashCode();
  }
}
