package io.selvage.bench;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Operation;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.AuthorizationPolicy.Source;
import io.selvage.model.FieldValues;
import io.selvage.model.MeshConfig;
import io.selvage.model.ObjectMeta;
import io.selvage.model.SourceLocation;
import io.selvage.policy.Authorization;
import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.IstioTranslation;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Istio policies of one shape, nine ALLOW to one DENY, and requests of which about half hit one.
 */
public final class PolicyWorkload {
  /** What tells the policies apart. */
  public enum Shape {
    /** 3,000 accounts and 50 namespaces; then paths, exact and raw prefix. */
    PEERS,
    /** Any peer of one of 3 namespaces; paths exact, raw prefix and suffix. */
    PATHS,
    /** Any peer; path templates. */
    TEMPLATES,
    /** Any peer and a handful of paths; hosts, methods and a header. */
    HOSTS_AND_HEADERS,
    /** Any peer; one token subject of one of 10 issuers each. */
    TOKENS,
    /** Any peer; one client address each, behind trusted hops. */
    CLIENT_ADDRESSES,
    /** As PATHS, but all in one policy: the number is that of its values. */
    VALUES,
    /** Any peer and a path that must not be: nothing tells these apart, so the cost does grow. */
    NEGATIONS
  }

  private static final String HERE = "10.0.0.1";

  private static final int REQUESTS = 512;
  private static final FieldValues NONE = FieldValues.EMPTY;
  private static final SourceLocation AT = SourceLocation.UNKNOWN;

  private final Shape shape;
  private final Authorization authorization;
  private final ConnectionFacts[] connections = new ConnectionFacts[REQUESTS];
  private final PlainRequest[] requests = new PlainRequest[REQUESTS];

  PolicyWorkload(Shape shape, int count) {
    this.shape = shape;
    List<AuthorizationPolicy> policies = new ArrayList<>();
    if (shape == Shape.VALUES) {
      String[] paths = IntStream.range(0, count).mapToObj(this::path).toArray(String[]::new);
      policies.add(policy(0, rule(NONE, NONE, NONE, of("GET"), FieldValues.of(paths), NONE)));
    } else {
      for (int i = 0; i < count; i++) {
        policies.add(policy(i, rule(i)));
      }
    }
    authorization =
        IstioTranslation.translate(policies, MeshConfig.DEFAULTS, IstioTranslation.Protocol.HTTP)
            .authorization();
    Random random = new Random(7);
    for (int i = 0; i < REQUESTS; i++) {
      request(i, random.nextInt(count), random.nextInt(2));
    }
  }

  Authorization authorization() {
    return authorization;
  }

  ConnectionFacts connection(int index) {
    return connections[index];
  }

  /** As many as a power of two. */
  PlainRequest[] requests() {
    return requests;
  }

  private AuthorizationPolicy policy(int i, Rule rule) {
    Action action = i % 10 == 9 ? Action.DENY : Action.ALLOW;
    return new AuthorizationPolicy(
        ObjectMeta.of("app", "policy-" + i),
        Optional.empty(),
        List.of(),
        action,
        Optional.of(List.of(rule)),
        Optional.empty(),
        false);
  }

  private Rule rule(int i) {
    return switch (shape) {
      case PEERS ->
          i % 5 == 0
              ? rule(NONE, of("ns-" + i % 50), NONE, of("POST"), of(path(i)), NONE)
              : rule(of(account(i)), NONE, NONE, of("GET"), of(path(i)), NONE);
      case PATHS -> rule(NONE, of("ns-" + i % 3), NONE, of("GET"), of(path(i)), NONE);
      case TEMPLATES -> rule(of("*"), NONE, NONE, NONE, of("/api/{*}/res" + i + "/{**}"), NONE);
      case HOSTS_AND_HEADERS ->
          rule(
              of("*"),
              NONE,
              of("host-" + i % 100 + ".example.com"),
              of(i % 2 == 0 ? "GET" : "POST"),
              of("/api*"),
              of("team-" + i / 100));
      case TOKENS -> rule(of("*"), of(issuer(i) + "/user-" + i), NONE);
      case CLIENT_ADDRESSES -> rule(of("*"), NONE, of(client(i)));
      case NEGATIONS -> negation(i);
      case VALUES -> throw new IllegalArgumentException("one policy has all values");
    };
  }

  /** Exact, raw prefix and suffix in turn; {@code /res1*} beside {@code /res10}. */
  private String path(int i) {
    return switch (i % 3) {
      case 0 -> "/res" + i;
      case 1 -> "/res" + i + "*";
      default -> shape == Shape.PATHS || shape == Shape.VALUES ? "*/item" + i : "/res" + i + "/a";
    };
  }

  private static String issuer(int i) {
    return "https://issuer-" + i % 10 + ".example.com";
  }

  private static String client(int i) {
    return "10." + (i >> 16) + "." + (i >> 8 & 0xff) + "." + (i & 0xff);
  }

  private static String account(int i) {
    return "cluster.local/ns/ns-" + i % 50 + "/sa/sa-" + i % 3000;
  }

  /** For policy {@code i}, or a near miss of it. */
  private void request(int at, int i, int miss) {
    String peer =
        "spiffe://"
            + (shape == Shape.PATHS ? "cluster.local/ns/ns-" + i % 3 + "/sa/x" : account(i));
    connections[at] =
        new ConnectionFacts(
            Optional.of(peer),
            InetAddress.ofLiteral(HERE),
            InetAddress.ofLiteral("10.0.0.2"),
            8080,
            Optional.empty());
    requests[at] =
        switch (shape) {
          case TOKENS ->
              PlainRequest.of("GET", "app.example.com", "/", "")
                  .from(
                      InetAddress.ofLiteral(HERE),
                      Map.of("iss", issuer(i), "sub", (miss == 0 ? "user-" : "xuser-") + i));
          case CLIENT_ADDRESSES ->
              PlainRequest.of("GET", "app.example.com", "/", "")
                  .from(InetAddress.ofLiteral(miss == 0 ? client(i) : "11.0.0.1"), Map.of());
          case NEGATIONS ->
              PlainRequest.of("GET", "app.example.com", "/res" + i + (miss == 0 ? "" : "/x"), "");
          case PEERS, PATHS, VALUES ->
              PlainRequest.of(
                  shape == Shape.PEERS && i % 5 == 0 ? "POST" : "GET",
                  "app.example.com",
                  path(i).replace("*", "/x") + (miss == 0 ? "" : "-x"),
                  "");
          case TEMPLATES ->
              PlainRequest.of(
                  "GET", "app.example.com", "/api/v1/res" + i + (miss == 0 ? "/a/b" : "x/a"), "");
          case HOSTS_AND_HEADERS ->
              PlainRequest.of(
                  i % 2 == 0 ? "GET" : "POST",
                  "host-" + i % 100 + ".example.com",
                  "/api/v1/users",
                  (miss == 0 ? "team-" : "xteam-") + i / 100);
        };
  }

  private static FieldValues of(String value) {
    return FieldValues.of(value);
  }

  private static Rule rule(
      FieldValues principals,
      FieldValues namespaces,
      FieldValues hosts,
      FieldValues methods,
      FieldValues paths,
      FieldValues teams) {
    Operation operation = new Operation(hosts, NONE, NONE, NONE, methods, NONE, paths, NONE, AT);
    List<Condition> when =
        teams.isEmpty()
            ? List.of()
            : List.of(new Condition("request.headers[x-team]", teams, NONE, AT));
    return new Rule(from(principals, NONE, namespaces, NONE), List.of(operation), when, AT);
  }

  private static Rule rule(
      FieldValues principals, FieldValues requestPrincipals, FieldValues remoteIpBlocks) {
    return new Rule(
        from(principals, requestPrincipals, NONE, remoteIpBlocks), List.of(), List.of(), AT);
  }

  /** Never matches, which only looking at it shows. */
  private static Rule negation(int i) {
    Operation operation =
        new Operation(NONE, of("host-" + i), NONE, NONE, NONE, NONE, NONE, of("/res*"), AT);
    return new Rule(List.of(), List.of(operation), List.of(), AT);
  }

  private static List<Source> from(
      FieldValues principals,
      FieldValues requestPrincipals,
      FieldValues namespaces,
      FieldValues remoteIpBlocks) {
    return List.of(
        new Source(
            principals,
            NONE,
            requestPrincipals,
            NONE,
            namespaces,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            remoteIpBlocks,
            NONE,
            AT));
  }
}
