package io.selvage.proxy;

import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.RouteConfiguration.Action;
import io.selvage.xds.resource.TlsSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A configuration of one listener and one upstream on this machine: the pair of proxies that
 * benchmarks measure.
 *
 * @param listen port
 * @param upstream port
 */
record StaticConfig(int listen, int upstream) {
  static final String LISTENER = "static";
  private static final String CLUSTER = "upstream";

  /** Mutual TLS in, plaintext out; one ALLOW policy by principal; the caller's name is added. */
  ProxyResources server() {
    TlsSettings.Downstream tls =
        new TlsSettings.Downstream(
            Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
            Optional.of(TlsSettings.TRUST_BUNDLE),
            List.of(),
            List.of("h2", "http/1.1"),
            TlsSettings.Version.TLS_1_2,
            TlsSettings.Version.TLS_1_3,
            List.of(),
            true);
    RbacPolicy policy =
        new RbacPolicy(
            "ns[bench]-policy[allow]-rule[0]",
            List.of(new Matcher.Method(new StringMatch.Exact("GET", false))),
            List.of(new Matcher.PeerPrincipal(new StringMatch.Prefix("spiffe://", false))));
    Authorization authorization =
        new Authorization(
            List.of(
                new Authorization.Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(policy))),
                    Optional.empty())));
    return resources(
        Listener.Direction.INBOUND,
        Optional.of(tls),
        authorization,
        NetworkStack.ForwardedClientCert.SIDECAR_INBOUND,
        Optional.empty());
  }

  /** Plaintext in, mutual TLS out. */
  ProxyResources client() {
    TlsSettings.Upstream tls =
        new TlsSettings.Upstream(
            Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
            Optional.of(TlsSettings.TRUST_BUNDLE),
            List.of(),
            List.of("istio"),
            TlsSettings.Version.TLS_1_2,
            TlsSettings.Version.TLS_1_3,
            List.of(),
            Optional.empty());
    return resources(
        Listener.Direction.OUTBOUND,
        Optional.empty(),
        Authorization.NONE,
        NetworkStack.ForwardedClientCert.SANITIZE,
        Optional.of(tls));
  }

  private ProxyResources resources(
      Listener.Direction direction,
      Optional<TlsSettings.Downstream> accept,
      Authorization authorization,
      NetworkStack.ForwardedClientCert clientCert,
      Optional<TlsSettings.Upstream> connect) {
    FilterChain chain =
        new FilterChain("all", FilterChain.Match.ALL, accept, http(authorization, clientCert));
    Listener listener =
        new Listener(
            LISTENER,
            direction,
            "127.0.0.1",
            listen,
            true,
            false,
            false,
            List.of(chain),
            Optional.empty(),
            Optional.empty());
    return ProxyResources.of(List.of(listener), List.of(), List.of(cluster(connect)), List.of());
  }

  private static NetworkStack http(
      Authorization authorization, NetworkStack.ForwardedClientCert clientCert) {
    RouteConfiguration routes =
        new RouteConfiguration(
            "static",
            List.of(
                new RouteConfiguration.VirtualHost(
                    "all",
                    List.of("*"),
                    List.of(
                        new RouteConfiguration.Route(
                            "all",
                            new RouteConfiguration.PathMatch.Prefix("/"),
                            List.of(),
                            new Action.Forward(
                                CLUSTER, Duration.ZERO, Optional.empty(), Optional.empty()))))),
            false);
    return new NetworkStack.Http(
        "static",
        NetworkStack.Codec.AUTO,
        List.of(new HttpFilter.Authorize(authorization, List.of())),
        new NetworkStack.RouteSource.Inline(routes),
        NetworkStack.PathNormalization.BASE,
        clientCert,
        NetworkStack.HttpLimits.DEFAULT,
        true,
        0,
        false,
        "istio-envoy",
        Optional.empty());
  }

  private Cluster cluster(Optional<TlsSettings.Upstream> tls) {
    ClusterLoadAssignment.Endpoint endpoint =
        new ClusterLoadAssignment.Endpoint(
            "127.0.0.1", upstream, 1, true, Map.of(), ClusterLoadAssignment.Workload.UNKNOWN);
    ClusterLoadAssignment endpoints =
        new ClusterLoadAssignment(
            CLUSTER, List.of(new ClusterLoadAssignment.Locality("", "", 0, 1, List.of(endpoint))));
    return new Cluster(
        CLUSTER,
        new Cluster.Discovery.Static(endpoints),
        Cluster.LoadBalancing.LEAST_REQUEST,
        Duration.ofSeconds(5),
        Cluster.UpstreamProtocol.HTTP1,
        List.of(new Cluster.TransportMatch("static", Map.of(), tls)),
        Optional.empty(),
        Cluster.Limits.NONE,
        Optional.empty());
  }
}
