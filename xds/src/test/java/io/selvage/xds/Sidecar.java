package io.selvage.xds;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.policy.Authorization;
import io.selvage.policy.Cidr;
import io.selvage.policy.Matcher;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import io.selvage.xds.resource.XdsResource;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The configuration of one sidecar, with something of everything. */
public final class Sidecar {
  public static final String NODE_ID = "sidecar~10.1.2.3~httpbin-1.sample~sample.svc.cluster.local";
  public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final String OUTBOUND = "outbound|8000||httpbin.sample.svc.cluster.local";

  /** A public key whose private half nobody has. Envoy refuses a set without any key. */
  private static final String JWKS =
      "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"e\":\"AQAB\",\"n\":\""
          + "7jQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB1L9RIvNEVUxTveLruM"
          + "0rfj0WAK1jHDhaXXzOI8d4VFmtvBtMkA_-SNV1tdpcY4BAEl9l2w_j4kSUt2"
          + "6phkV9mGCE_tCLl4r019GWp0RqhrWACeY2thHbFiEbZamq3_KcXlLZxQjFAj"
          + "RzRNjAetkcvWBor8df9ikvBioJyjgcieced7mprp4wsNvbb1EKJk753ngVAd"
          + "e2uSronrBZxat0PbZ1humPrSfaC5lovAOaHvNMk5ubjlI6i--J1HhgjF7PbK"
          + "NYdY9tJ-bPRScpN5d6dI_Yg5HbZ5ztp9x78fAF7oeQ"
          + "\"}]}";

  private Sidecar() {}

  /** All but secrets, which differ each time. */
  public static List<XdsResource> resources() {
    return List.of(
        inbound(List.of(deny(), allow("/headers"))),
        outbound("8000"),
        routes("8000"),
        cluster(OUTBOUND),
        endpoints(OUTBOUND));
  }

  public static List<Secret> secrets() {
    try {
      SecureRandom random = new SecureRandom();
      CaProfile profile = new CaProfile.Istiod("cluster.local");
      CaCredentials root =
          CaCredentials.selfSigned(
              profile, KeyAlgorithm.ECDSA_P256, Duration.ofDays(3650), NOW, random);
      CertificateAuthority authority =
          new CertificateAuthority(
              root, profile, CertificateAuthority.Limits.DEFAULT, InstantSource.fixed(NOW), random);
      return List.of(
          new Secret.Certificate(
              "default",
              authority.issue(
                  KeyAlgorithm.ECDSA_P256,
                  SpiffeId.workload("cluster.local", "sample", "httpbin"),
                  Duration.ofHours(24))),
          new Secret.Validation("ROOTCA", TrustBundle.of(authority.root())));
    } catch (PkiException e) {
      throw new AssertionError(e);
    }
  }

  /** The inbound listener with RBAC filters that it names. */
  public static Listener inboundNaming(List<String> names) {
    Listener held = inbound(List.of(deny()));
    FilterChain chain = held.filterChains().getFirst();
    NetworkStack.Http http = (NetworkStack.Http) chain.stack();
    List<HttpFilter> filters = new ArrayList<>();
    filters.add(http.filters().getFirst());
    names.forEach(name -> filters.add(new HttpFilter.Discovered(name)));
    return held.withChains(
        List.of(
            new FilterChain(
                chain.name(), chain.match(), chain.tls(), http.with(List.copyOf(filters)))),
        Optional.empty());
  }

  /** A filter that listeners name; without a stage it asks nothing. */
  public static ExtensionConfig extension(
      String name, ExtensionConfig.Layer layer, Optional<Authorization.Stage> stage) {
    return new ExtensionConfig(
        name,
        layer,
        (Authorization.Stage.Rbac)
            stage.orElse(new Authorization.Stage.Rbac(Optional.empty(), Optional.empty())));
  }

  public static Listener inbound(List<Authorization.Stage> stages) {
    ExternalAuthorizer opa =
        new ExternalAuthorizer(
            "opa",
            "outbound|9191||opa.sample.svc.cluster.local",
            Duration.ofSeconds(2),
            false,
            403,
            Optional.of(new ExternalAuthorizer.RequestBody(8192, true, false)),
            new ExternalAuthorizer.Protocol.Grpc());
    NetworkStack.Http http =
        new NetworkStack.Http(
            "inbound_0.0.0.0_8000",
            NetworkStack.Codec.AUTO,
            List.of(
                new HttpFilter.JwtAuthentication(List.of(provider("origins-0")), true),
                new HttpFilter.Authorize(
                    new Authorization(stages),
                    stages.contains(custom()) ? List.of(opa) : List.of())),
            new NetworkStack.RouteSource.Inline(
                new RouteConfiguration(
                    "inbound|8000||",
                    List.of(
                        new RouteConfiguration.VirtualHost(
                            "inbound|http|8000",
                            List.of("*"),
                            List.of(forward("default", "inbound|8000||")))),
                    false)),
            NetworkStack.PathNormalization.BASE,
            NetworkStack.ForwardedClientCert.SIDECAR_INBOUND,
            NetworkStack.HttpLimits.DEFAULT,
            true,
            0,
            false,
            "istio-envoy",
            Optional.of(new AccessLog("/dev/stdout", AccessLog.Encoding.TEXT, "")));
    TlsSettings.Downstream tls =
        new TlsSettings.Downstream(
            Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
            Optional.of(TlsSettings.TRUST_BUNDLE),
            List.of(
                new TlsSettings.SanMatch(
                    TlsSettings.SanMatch.Type.URI,
                    new StringMatch.Prefix("spiffe://cluster.local/", false))),
            List.of("h2", "http/1.1"),
            TlsSettings.Version.TLS_1_2,
            TlsSettings.Version.TLS_1_3,
            List.of("ECDHE-ECDSA-AES256-GCM-SHA384"),
            true);
    return new Listener(
        "virtualInbound",
        Listener.Direction.INBOUND,
        "0.0.0.0",
        15006,
        true,
        false,
        true,
        List.of(
            new FilterChain(
                "0.0.0.0_8000",
                new FilterChain.Match(
                    OptionalInt.of(8000),
                    List.of(),
                    List.of(),
                    FilterChain.Transport.TLS,
                    List.of("istio", "istio-peer-exchange", "istio-http/1.1"),
                    List.of()),
                Optional.of(tls),
                http)),
        Optional.empty(),
        Optional.empty());
  }

  public static Authorization.Stage allow(String path) {
    return new Authorization.Stage.Rbac(
        Optional.of(
            new RbacPolicy.RuleSet(
                RbacPolicy.Action.ALLOW,
                List.of(
                    new RbacPolicy(
                        "ns[sample]-policy[httpbin]-rule[0]",
                        List.of(new Matcher.Path(new StringMatch.Exact(path, false))),
                        List.of(
                            new Matcher.PeerPrincipal(
                                new StringMatch.Exact(
                                    "spiffe://cluster.local/ns/sample/sa/sleep", false))))))),
        Optional.empty());
  }

  public static Authorization.Stage deny() {
    return new Authorization.Stage.Rbac(
        Optional.of(
            new RbacPolicy.RuleSet(
                RbacPolicy.Action.DENY,
                List.of(
                    new RbacPolicy(
                        "ns[sample]-policy[deny]-rule[0]",
                        List.of(
                            new Matcher.PathTemplateMatch(PathTemplate.parse("/admin/{**}")),
                            new Matcher.DestinationPort(9000, 9010)),
                        List.of(
                            new Matcher.And(
                                List.of(
                                    new Matcher.Not(new Matcher.SourceIp(Cidr.parse("10.0.0.0/8"))),
                                    new Matcher.Claim(
                                        List.of("realm", "roles"),
                                        new StringMatch.Exact("guest", false))))))))),
        Optional.of(
            new RbacPolicy.RuleSet(
                RbacPolicy.Action.DENY,
                List.of(
                    new RbacPolicy(
                        "ns[sample]-policy[dry]-rule[0]",
                        List.of(new Matcher.Always()),
                        List.of(new Matcher.Never()))))));
  }

  public static Authorization.Stage custom() {
    return new Authorization.Stage.Custom(
        "opa",
        new RbacPolicy.RuleSet(
            RbacPolicy.Action.DENY,
            List.of(
                new RbacPolicy(
                    "ns[sample]-policy[ask]-rule[0]",
                    List.of(new Matcher.Path(new StringMatch.Prefix("/ask", false))),
                    List.of(new Matcher.Always())))),
        false);
  }

  private static HttpFilter.Provider provider(String name) {
    return new HttpFilter.Provider(
        name,
        "https://issuer.example",
        List.of("httpbin"),
        JWKS,
        List.of(new HttpFilter.HeaderLocation("authorization", "Bearer ")),
        List.of(),
        List.of(),
        false,
        Optional.empty(),
        Map.of("x-sub", "sub"),
        List.of(),
        Duration.ofSeconds(60));
  }

  public static Listener outbound(String routes) {
    return new Listener(
        "0.0.0.0_" + routes,
        Listener.Direction.OUTBOUND,
        "0.0.0.0",
        8000,
        false,
        false,
        false,
        List.of(
            new FilterChain(
                "0.0.0.0_" + routes,
                FilterChain.Match.ALL,
                Optional.empty(),
                new NetworkStack.Http(
                    "outbound_" + routes,
                    NetworkStack.Codec.AUTO,
                    List.of(),
                    new NetworkStack.RouteSource.Named(routes),
                    NetworkStack.PathNormalization.BASE,
                    NetworkStack.ForwardedClientCert.SANITIZE,
                    NetworkStack.HttpLimits.DEFAULT,
                    true,
                    0,
                    false,
                    "",
                    Optional.empty()))),
        Optional.empty(),
        Optional.empty());
  }

  public static RouteConfiguration routes(String name) {
    return new RouteConfiguration(
        name,
        List.of(
            new RouteConfiguration.VirtualHost(
                "httpbin.sample.svc.cluster.local:8000",
                List.of("httpbin.sample", "httpbin.sample.svc.cluster.local"),
                List.of(forward("default", OUTBOUND)))),
        true);
  }

  private static RouteConfiguration.Route forward(String name, String cluster) {
    return new RouteConfiguration.Route(
        name,
        new RouteConfiguration.PathMatch.Prefix("/"),
        List.of(),
        new RouteConfiguration.Action.Forward(
            cluster,
            Duration.ZERO,
            Optional.of(
                new RouteConfiguration.RetryPolicy(
                    List.of("connect-failure", "refused-stream"), 2, List.of())),
            Optional.empty()));
  }

  public static Cluster cluster(String name) {
    TlsSettings.Upstream tls =
        new TlsSettings.Upstream(
            Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
            Optional.of(TlsSettings.TRUST_BUNDLE),
            List.of(
                new TlsSettings.SanMatch(
                    TlsSettings.SanMatch.Type.URI,
                    new StringMatch.Exact("spiffe://cluster.local/ns/sample/sa/httpbin", false))),
            List.of("istio-peer-exchange", "istio"),
            TlsSettings.Version.TLS_1_2,
            TlsSettings.Version.TLS_1_3,
            List.of(),
            Optional.of("outbound_.8000_._.httpbin.sample.svc.cluster.local"));
    return new Cluster(
        name,
        new Cluster.Discovery.Eds(name),
        Cluster.LoadBalancing.LEAST_REQUEST,
        Duration.ofSeconds(10),
        Cluster.UpstreamProtocol.USE_DOWNSTREAM,
        List.of(
            new Cluster.TransportMatch(
                "tlsMode-istio", Map.of("tlsMode", "istio"), Optional.of(tls)),
            new Cluster.TransportMatch("tlsMode-disabled", Map.of(), Optional.empty())),
        Optional.empty(),
        Cluster.Limits.NONE,
        Optional.of(
            new Cluster.ServiceIdentity("httpbin.sample.svc.cluster.local", "httpbin", "sample")));
  }

  public static ClusterLoadAssignment endpoints(String name) {
    return new ClusterLoadAssignment(
        name,
        List.of(
            new ClusterLoadAssignment.Locality(
                "east",
                "east-a",
                0,
                1,
                List.of(
                    new ClusterLoadAssignment.Endpoint(
                        "10.1.2.3",
                        8000,
                        1,
                        true,
                        Map.of("tlsMode", "istio"),
                        new ClusterLoadAssignment.Workload(
                            "httpbin-1", "sample", "httpbin", "v1", "east"))))));
  }
}
