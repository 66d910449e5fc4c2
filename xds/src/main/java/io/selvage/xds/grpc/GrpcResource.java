package io.selvage.xds.grpc;

import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import java.util.List;
import java.util.Optional;

/**
 * A resource in the form that gRPC takes where it does not take Envoy's; routes and endpoints have
 * the same for both.
 */
public sealed interface GrpcResource {
  /** The certificate provider instance that a client's or server's bootstrap must define (A29). */
  String CERTIFICATE_PROVIDER = "default";

  /** What the name of a server's listener begins with; its address and port follow (A36). */
  String SERVER_LISTENER_PREFIX = "xds.istio.io/grpc/lds/inbound/";

  /** Unique within its type. */
  String name();

  /**
   * A client's listener: what is dialled as {@code xds:///NAME} (A27).
   *
   * @param name {@code host:port}
   * @param routes name of the route configuration
   */
  record ApiListener(String name, String routes) implements GrpcResource {}

  /**
   * A server's listener (A36): one filter chain for all connections.
   *
   * @param name {@link #SERVER_LISTENER_PREFIX} and the address that the server listens at
   * @param address literal IP, as in the name; gRPC does not serve at another
   * @param port as in the name
   * @param mutualTls every client must show a certificate; false: plaintext alone
   * @param authorization RBAC filters, in order (A41)
   */
  record ServerListener(
      String name,
      String address,
      int port,
      boolean mutualTls,
      List<RbacPolicy.RuleSet> authorization)
      implements GrpcResource {}

  /**
   * A client's cluster; endpoints are asked in turn.
   *
   * @param name Istio's, {@code outbound|8000||httpbin.sample.svc.cluster.local}
   * @param discovery where endpoints come from
   * @param maxRequests most calls under way (A32)
   * @param serverNames mTLS to a server with one of these SANs; empty: plaintext
   */
  record ServiceCluster(
      String name, Discovery discovery, int maxRequests, Optional<List<StringMatch>> serverNames)
      implements GrpcResource {
    public ServiceCluster {
      if (serverNames.filter(List::isEmpty).isPresent()) {
        throw new IllegalArgumentException("gRPC takes no SAN for any that the roots vouch for");
      }
    }
  }

  /** Where the endpoints of a cluster come from. */
  sealed interface Discovery {
    /**
     * By EDS.
     *
     * @param serviceName name of the load assignment
     */
    record Eds(String serviceName) implements Discovery {}

    /**
     * One name that the client resolves ({@code LOGICAL_DNS}).
     *
     * @param host DNS name or literal IP
     * @param port 1..65535
     */
    record Dns(String host, int port) implements Discovery {}
  }
}
