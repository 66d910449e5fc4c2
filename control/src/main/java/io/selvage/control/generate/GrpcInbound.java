package io.selvage.control.generate;

import io.selvage.control.workload.InboundPort;
import io.selvage.model.MeshConfig;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.xds.grpc.GrpcAuthorization;
import io.selvage.xds.grpc.GrpcResource;
import io.selvage.xds.grpc.GrpcResource.ServerListener;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The server's side of a workload that speaks xDS itself: what its gRPC server takes for each port
 * that a service declares.
 *
 * <p>gRPC cannot tell TLS from plaintext on one port (A36), so PERMISSIVE is STRICT here.
 *
 * @param listeners by the names that a server may ask by, for it may listen at any of its addresses
 * @param permissive ports that should take plaintext, too, and do not
 * @param unsaid by rule id, what gRPC has no word for
 */
public record GrpcInbound(
    List<ServerListener> listeners, List<Integer> permissive, Map<String, Set<String>> unsaid) {
  /** At which a server listens that names no address of its own. */
  private static final List<String> ANY_ADDRESS = List.of("0.0.0.0", "::", "127.0.0.1", "::1");

  /**
   * Everything that it depends on.
   *
   * @param proxied what a proxy in its place would do
   * @param address the workload's own
   */
  record Input(InboundInput proxied, String address) {}

  static GrpcInbound of(Input input) {
    InboundInput proxied = input.proxied();
    List<ServerListener> listeners = new ArrayList<>();
    List<Integer> permissive = new ArrayList<>();
    Map<String, Set<String>> unsaid = new TreeMap<>();
    for (InboundPort port : proxied.ports()) {
      Mode mode = proxied.mode(port.number());
      boolean mutualTls = mode != Mode.DISABLE;
      if (mutualTls && mode != Mode.STRICT) {
        permissive.add(port.number());
      }
      GrpcAuthorization authorization = authorization(proxied, mutualTls);
      unsaid.putAll(authorization.unsaid());
      for (String address : addresses(input.address())) {
        listeners.add(
            new ServerListener(
                name(address, port.number()),
                address,
                port.number(),
                mutualTls,
                authorization.filters()));
      }
    }
    return new GrpcInbound(List.copyOf(listeners), List.copyOf(permissive), unsaid);
  }

  private static GrpcAuthorization authorization(InboundInput input, boolean mutualTls) {
    MeshConfig mesh = input.mesh();
    return GrpcAuthorization.of(
        input.policies().http(), input.jwt(), mutualTls ? mesh.trustDomains() : Set.of());
  }

  private static Set<String> addresses(String own) {
    Set<String> addresses = new LinkedHashSet<>(ANY_ADDRESS);
    addresses.add(own);
    return addresses;
  }

  private static String name(String address, int port) {
    String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
    return GrpcResource.SERVER_LISTENER_PREFIX + host + ":" + port;
  }
}
