package io.selvage.xds;

import com.google.re2j.Pattern;
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
import io.selvage.xds.resource.TlsSettings;
import io.selvage.xds.resource.XdsResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Makes random resources in the form in which parsing gives them back. */
public final class RandomResources {
  private final Random random;

  public RandomResources(Random random) {
    this.random = random;
  }

  public XdsResource resource() {
    return switch (random.nextInt(5)) {
      case 0 -> listener();
      case 1 -> routes();
      case 2 -> cluster();
      case 3 -> extension();
      default -> endpoints();
    };
  }

  public Listener listener() {
    List<FilterChain> chains = new ArrayList<>(some(this::chain));
    chains.add(chain());
    return new Listener(
        word(),
        one(Listener.Direction.values()),
        ip(),
        random.nextInt(65536),
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextBoolean(),
        List.copyOf(chains),
        maybe(this::chain),
        chains.stream().anyMatch(chain -> chain.match().looksAtBytes())
            ? some(this::ports)
            : List.of(),
        maybe(this::accessLog));
  }

  private Listener.Ports ports() {
    int first = random.nextInt(65535);
    return new Listener.Ports(first, first + 1 + random.nextInt(65535 - first));
  }

  private FilterChain chain() {
    return new FilterChain(word(), match(), maybe(this::downstream), stack());
  }

  private FilterChain.Match match() {
    return new FilterChain.Match(
        random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(random.nextInt(65536)),
        some(this::cidr),
        some(this::word),
        one(FilterChain.Transport.values()),
        some(this::word),
        some(this::cidr));
  }

  private TlsSettings.Downstream downstream() {
    boolean verifies = random.nextBoolean();
    return new TlsSettings.Downstream(
        Optional.of("default"),
        verifies ? Optional.of("ROOTCA") : Optional.empty(),
        verifies ? some(this::san) : List.of(),
        some(this::word),
        TlsSettings.Version.TLS_1_2,
        one(TlsSettings.Version.values()),
        some(this::word),
        verifies && random.nextBoolean());
  }

  private TlsSettings.Upstream upstream() {
    boolean verifies = random.nextBoolean();
    return new TlsSettings.Upstream(
        maybe(this::word),
        verifies ? Optional.of("ROOTCA") : Optional.empty(),
        verifies ? some(this::san) : List.of(),
        some(this::word),
        one(TlsSettings.Version.values()),
        TlsSettings.Version.TLS_1_3,
        some(this::word),
        maybe(this::word));
  }

  private TlsSettings.SanMatch san() {
    return new TlsSettings.SanMatch(one(TlsSettings.SanMatch.Type.values()), string());
  }

  private NetworkStack stack() {
    if (random.nextBoolean()) {
      List<ExternalAuthorizer> providers = new ArrayList<>();
      return new NetworkStack.Tcp(
          word(),
          authorization(providers, true),
          providers,
          some(this::word),
          word(),
          duration(),
          maybe(this::accessLog));
    }
    return new NetworkStack.Http(
        word(),
        one(NetworkStack.Codec.values()),
        filters(),
        random.nextBoolean()
            ? new NetworkStack.RouteSource.Named(word())
            : new NetworkStack.RouteSource.Inline(routes()),
        one(NetworkStack.PathNormalization.values()),
        new NetworkStack.ForwardedClientCert(
            one(NetworkStack.ForwardedClientCert.Mode.values()),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean()),
        new NetworkStack.HttpLimits(
            1 + random.nextInt(8192),
            1 + random.nextInt(1000),
            1 + random.nextInt(1000),
            duration(),
            duration(),
            duration(),
            duration()),
        random.nextBoolean(),
        random.nextInt(5),
        random.nextBoolean(),
        word(),
        maybe(this::accessLog));
  }

  private List<HttpFilter> filters() {
    List<HttpFilter> filters = new ArrayList<>();
    if (random.nextBoolean()) {
      filters.add(
          new HttpFilter.PassedOver(
              word(),
              EnvoyNames.typeUrl("envoy.extensions.filters.http.grpc_stats.v3.FilterConfig")));
    }
    if (random.nextBoolean()) {
      List<HttpFilter.Provider> providers = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        providers.add(provider("origins-" + i));
      }
      filters.add(new HttpFilter.JwtAuthentication(providers, random.nextBoolean()));
    }
    List<ExternalAuthorizer> providers = new ArrayList<>();
    Authorization authorization = authorization(providers, false);
    if (!authorization.stages().isEmpty()) {
      filters.add(new HttpFilter.Authorize(authorization, providers));
    }
    some(this::word).forEach(name -> filters.add(new HttpFilter.Discovered(name)));
    return filters;
  }

  private HttpFilter.Provider provider(String name) {
    return new HttpFilter.Provider(
        name,
        word(),
        some(this::word),
        "{\"keys\":[]}",
        some(() -> new HttpFilter.HeaderLocation(word(), word())),
        some(this::word),
        some(this::word),
        random.nextBoolean(),
        maybe(this::word),
        random.nextBoolean() ? Map.of() : Map.of(word(), word()),
        some(this::word),
        Duration.ofSeconds(1 + random.nextInt(100)));
  }

  private ExtensionConfig extension() {
    return new ExtensionConfig(word(), one(ExtensionConfig.Layer.values()), rbac());
  }

  private Authorization.Stage.Rbac rbac() {
    return new Authorization.Stage.Rbac(
        maybe(() -> rules(one(RbacPolicy.Action.values()))),
        maybe(() -> rules(one(RbacPolicy.Action.values()))));
  }

  private Authorization authorization(List<ExternalAuthorizer> providers, boolean tcp) {
    List<Authorization.Stage> stages = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      if (random.nextInt(3) > 0) {
        stages.add(rbac());
        continue;
      }
      String provider = "provider-" + i;
      boolean unusable = random.nextBoolean();
      stages.add(new Authorization.Stage.Custom(provider, customRules(), unusable));
      if (!unusable) {
        providers.add(authorizer(provider, tcp));
      }
    }
    return stages.isEmpty() ? Authorization.NONE : new Authorization(stages);
  }

  private RbacPolicy.RuleSet customRules() {
    RbacPolicy.RuleSet rules = rules(RbacPolicy.Action.DENY);
    return rules.rules().isEmpty() ? customRules() : rules;
  }

  private ExternalAuthorizer authorizer(String provider, boolean tcp) {
    boolean grpc = tcp || random.nextBoolean();
    return new ExternalAuthorizer(
        provider,
        "outbound|9000||" + word(),
        duration(),
        random.nextBoolean(),
        tcp ? 403 : one(new Integer[] {403, 500, 503}),
        tcp
            ? Optional.empty()
            : maybe(
                () ->
                    new ExternalAuthorizer.RequestBody(
                        random.nextInt(9999), random.nextBoolean(), random.nextBoolean())),
        grpc
            ? new ExternalAuthorizer.Protocol.Grpc()
            : new ExternalAuthorizer.Protocol.Http(
                word(),
                some(this::string),
                some(() -> new ExternalAuthorizer.Header(word(), word())),
                some(this::string),
                some(this::string),
                some(this::string)));
  }

  /** Rules in the order of their ids. */
  public RbacPolicy.RuleSet rules(RbacPolicy.Action action) {
    TreeMap<String, RbacPolicy> rules = new TreeMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      String id = "ns[" + word() + "]-policy[" + word() + "]-rule[" + i + "]";
      rules.put(
          id,
          new RbacPolicy(
              id, List.of(matcher(true, 3)), List.of(matcher(false, 3), matcher(false, 1))));
    }
    return new RbacPolicy.RuleSet(action, List.copyOf(rules.values()));
  }

  private Matcher matcher(boolean permission, int depth) {
    if (depth > 0 && random.nextInt(3) == 0) {
      List<Matcher> parts = List.of(matcher(permission, depth - 1), matcher(permission, depth - 1));
      return switch (random.nextInt(3)) {
        case 0 -> new Matcher.And(parts);
        case 1 -> new Matcher.Or(parts);
        default ->
            parts.getFirst() instanceof Matcher.Always
                ? new Matcher.Never()
                : new Matcher.Not(parts.getFirst());
      };
    }
    return switch (random.nextInt(12)) {
      case 0 -> new Matcher.Always();
      case 1 -> new Matcher.Never();
      case 2 -> new Matcher.Host(string());
      case 3 -> new Matcher.Method(string());
      case 4 -> new Matcher.Path(string());
      case 5 -> new Matcher.Header("x-" + word(), string());
      case 6 -> new Matcher.Claim(List.of(one(new String[] {"iss", "sub", "aud"})), string());
      case 7 -> new Matcher.Claim(List.of("realm", word()), string());
      case 8 -> new Matcher.FilterMetadata("f." + word(), List.of(word(), word()), string());
      default -> permission ? what() : who();
    };
  }

  private Matcher what() {
    return switch (random.nextInt(4)) {
      case 0 -> new Matcher.DestinationIp(cidr());
      case 1 -> {
        int first = random.nextInt(65536);
        yield new Matcher.DestinationPort(first, first + random.nextInt(65536 - first));
      }
      case 2 -> new Matcher.ServerName(string());
      default ->
          new Matcher.PathTemplateMatch(
              PathTemplate.parse(
                  one(new String[] {"/a/{*}/b", "/{**}/cart", "/a/{*}/{**}", "/x/"})));
    };
  }

  private Matcher who() {
    return switch (random.nextInt(4)) {
      case 0 -> new Matcher.PeerPrincipal(string());
      case 1 -> new Matcher.PeerAuthenticated();
      case 2 -> new Matcher.SourceIp(cidr());
      default -> new Matcher.RemoteIp(cidr());
    };
  }

  private StringMatch string() {
    boolean fold = random.nextBoolean();
    return switch (random.nextInt(7)) {
      case 0 -> new StringMatch.Any();
      case 1 -> new StringMatch.NonEmpty();
      case 2 -> new StringMatch.Exact(random.nextInt(9) == 0 ? "" : word(), fold);
      case 3 -> new StringMatch.Prefix(word(), fold);
      case 4 -> new StringMatch.Suffix(word(), fold);
      case 5 -> new StringMatch.Contains(word(), fold);
      default -> new StringMatch.Regex(Pattern.compile(".*/ns/" + word() + "/.*"));
    };
  }

  public RouteConfiguration routes() {
    return new RouteConfiguration(
        word(),
        some(
            () ->
                new RouteConfiguration.VirtualHost(
                    word(), List.of("*", word()), some(this::route))),
        random.nextBoolean());
  }

  private RouteConfiguration.Route route() {
    return new RouteConfiguration.Route(
        word(),
        random.nextBoolean()
            ? new RouteConfiguration.PathMatch.Prefix("/" + word())
            : new RouteConfiguration.PathMatch.Exact("/" + word()),
        some(() -> new RouteConfiguration.HeaderMatch("x-" + word(), string())),
        random.nextInt(4) == 0
            ? new RouteConfiguration.Action.Respond(200 + random.nextInt(400), word())
            : new RouteConfiguration.Action.Forward(
                word(),
                duration(),
                maybe(
                    () ->
                        new RouteConfiguration.RetryPolicy(
                            List.of("connect-failure", "refused-stream"),
                            random.nextInt(9),
                            List.of(503))),
                maybe(this::duration)));
  }

  public Cluster cluster() {
    Cluster.Discovery discovery =
        switch (random.nextInt(5)) {
          case 0 -> new Cluster.Discovery.Eds(word());
          case 1 -> new Cluster.Discovery.Static(endpoints());
          case 2 -> new Cluster.Discovery.StrictDns(endpoints());
          case 3 -> new Cluster.Discovery.OriginalDestination();
          default -> new Cluster.Discovery.None();
        };
    return new Cluster(
        word(),
        discovery,
        discovery instanceof Cluster.Discovery.OriginalDestination
            ? Cluster.LoadBalancing.CLUSTER_PROVIDED
            : one(Cluster.LoadBalancing.values()),
        duration(),
        one(Cluster.UpstreamProtocol.values()),
        some(() -> new Cluster.TransportMatch(word(), labels(), maybe(this::upstream))),
        maybe(this::ip),
        random.nextBoolean()
            ? Cluster.Limits.NONE
            : new Cluster.Limits(random.nextInt(99), random.nextInt(99), random.nextInt(99)),
        maybe(() -> new Cluster.ServiceIdentity(word(), word(), word())),
        maybe(
            () ->
                new Cluster.OutlierDetection(
                    random.nextInt(9),
                    random.nextInt(9),
                    duration(),
                    duration(),
                    random.nextInt(101),
                    random.nextInt(101))),
        random.nextBoolean());
  }

  public ClusterLoadAssignment endpoints() {
    return new ClusterLoadAssignment(
        word(),
        some(
            () ->
                new ClusterLoadAssignment.Locality(
                    word(),
                    word(),
                    random.nextInt(129),
                    1 + random.nextInt(9),
                    some(this::endpoint))));
  }

  private ClusterLoadAssignment.Endpoint endpoint() {
    return new ClusterLoadAssignment.Endpoint(
        ip(),
        random.nextInt(65536),
        1 + random.nextInt(9),
        random.nextBoolean(),
        labels(),
        random.nextBoolean()
            ? ClusterLoadAssignment.Workload.UNKNOWN
            : new ClusterLoadAssignment.Workload(word(), word(), word(), word(), word()));
  }

  private AccessLog accessLog() {
    return random.nextBoolean()
        ? new AccessLog("/dev/stdout", AccessLog.Encoding.TEXT, random.nextBoolean() ? "" : word())
        : new AccessLog("/dev/stdout", AccessLog.Encoding.JSON, "{\"a\":\"%PROTOCOL%\"}");
  }

  private Map<String, String> labels() {
    return random.nextBoolean() ? Map.of() : Map.of("tlsMode", "istio", "k-" + word(), word());
  }

  private Cidr cidr() {
    return random.nextBoolean()
        ? Cidr.parse(ip() + "/" + random.nextInt(33))
        : Cidr.parse(
            "2001:db8::"
                + Integer.toHexString(1 + random.nextInt(9999))
                + "/"
                + random.nextInt(129));
  }

  private String ip() {
    return "10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256);
  }

  private Duration duration() {
    return Duration.ofMillis(random.nextInt(1_000_000));
  }

  private String word() {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return word.toString();
  }

  private <T> T one(T[] of) {
    return of[random.nextInt(of.length)];
  }

  private <T> Optional<T> maybe(Supplier<T> make) {
    return random.nextBoolean() ? Optional.empty() : Optional.of(make.get());
  }

  private <T> List<T> some(Supplier<T> make) {
    List<T> list = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      list.add(make.get());
    }
    return List.copyOf(list);
  }
}
