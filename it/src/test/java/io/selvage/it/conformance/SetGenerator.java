package io.selvage.it.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sets as {@code conformance/README.md} describes them, as trees that can be cut down: security
 * resources of all kinds and requests to them, out of the {@link Vocabulary}.
 */
final class SetGenerator {
  /** Stands for an outcome until somebody decides. */
  static final Map<String, Object> UNDECIDED = Map.of("status", 200);

  private final Random random;
  private int words = 40;

  SetGenerator(long seed) {
    this.random = new Random(seed);
  }

  /** A set with this many requests. */
  Map<String, Object> set(int requests) {
    words = 2 + random.nextInt(random.nextBoolean() ? 6 : 40);
    Map<String, Object> set = new LinkedHashMap<>();
    set.put("title", "Generated");
    set.put("follows", "the reference evaluator, until a person has looked");
    set.put("mesh", mesh());
    List<Object> resources = new ArrayList<>();
    boolean tokens = random.nextInt(3) == 0;
    if (tokens) {
      resources.add(requestAuthentication());
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      resources.add(peerAuthentication(i));
    }
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      resources.add(authorizationPolicy(i, tokens));
    }
    set.put("resources", resources);
    List<Object> cases = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", "r" + i);
      one.put("request", request(tokens));
      one.put("expect", UNDECIDED);
      cases.add(one);
    }
    set.put("cases", cases);
    return set;
  }

  private Map<String, Object> mesh() {
    Map<String, Object> mesh = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      mesh.put("trustDomainAliases", List.of("old.example"));
    }
    if (random.nextInt(3) > 0) {
      mesh.put(
          "pathNormalization",
          Map.of(
              "normalization",
              one(List.of("NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"))));
    }
    return mesh;
  }

  private Map<String, Object> resource(String kind, String name, Map<String, Object> spec) {
    Map<String, Object> meta = new LinkedHashMap<>();
    meta.put("name", name);
    meta.put("namespace", random.nextInt(3) == 0 ? "istio-system" : "foo");
    Map<String, Object> resource = new LinkedHashMap<>();
    resource.put("apiVersion", "security.istio.io/v1");
    resource.put("kind", kind);
    resource.put("metadata", meta);
    resource.put("spec", spec);
    return resource;
  }

  private void select(Map<String, Object> spec) {
    if (random.nextInt(4) == 0) {
      spec.put(
          "selector",
          Map.of("matchLabels", Map.of("app", random.nextInt(4) == 0 ? "other" : "server")));
    }
  }

  private Map<String, Object> peerAuthentication(int number) {
    Map<String, Object> spec = new LinkedHashMap<>();
    select(spec);
    if (random.nextInt(5) > 0) {
      spec.put("mtls", mode());
    }
    if (spec.containsKey("selector") && random.nextBoolean()) {
      Map<String, Object> ports = new LinkedHashMap<>();
      for (String port : List.of("8080", "9090", "7070")) {
        if (random.nextBoolean()) {
          ports.put(port, mode());
        }
      }
      if (!ports.isEmpty()) {
        spec.put("portLevelMtls", ports);
      }
    }
    return resource("PeerAuthentication", "peer" + number, spec);
  }

  private Map<String, Object> mode() {
    return Map.of(
        "mode", one(List.of("PERMISSIVE", "PERMISSIVE", "STRICT", "STRICT", "UNSET", "DISABLE")));
  }

  private Map<String, Object> requestAuthentication() {
    List<Object> rules = new ArrayList<>();
    for (String issuer : Vocabulary.ISSUERS) {
      if (rules.isEmpty() || random.nextBoolean()) {
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("issuer", issuer);
        rule.put("jwks", "${jwks}");
        if (random.nextInt(4) == 0) {
          rule.put("audiences", List.of("aud1", "aud2"));
        }
        rules.add(rule);
      }
    }
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("jwtRules", rules);
    return resource("RequestAuthentication", "tokens", spec);
  }

  private Map<String, Object> authorizationPolicy(int number, boolean tokens) {
    Map<String, Object> spec = new LinkedHashMap<>();
    select(spec);
    String action =
        one(List.of("ALLOW", "ALLOW", "ALLOW", "DENY", "DENY", "DENY", "AUDIT", "CUSTOM"));
    if (!action.equals("ALLOW") || random.nextBoolean()) {
      spec.put("action", action);
    }
    boolean custom = action.equals("CUSTOM");
    if (custom) {
      spec.put("provider", Map.of("name", random.nextInt(4) == 0 ? "missing" : "check"));
    }
    if (custom || random.nextInt(12) > 0) {
      spec.put("rules", some(3, () -> rule(!custom, tokens && !custom)));
    }
    Map<String, Object> policy = resource("AuthorizationPolicy", "policy" + number, spec);
    if (random.nextInt(12) == 0) {
      policy.put("metadata", dryRun(policy.get("metadata")));
    }
    return policy;
  }

  private static Map<Object, Object> dryRun(@Nullable Object metadata) {
    Map<Object, Object> meta = new LinkedHashMap<>();
    if (metadata instanceof Map<?, ?> before) {
      meta.putAll(before);
    }
    meta.put("annotations", Map.of("istio.io/dry-run", "true"));
    return meta;
  }

  private Map<String, Object> rule(boolean identities, boolean tokens) {
    Map<String, Object> rule = new LinkedHashMap<>();
    if (random.nextInt(3) > 0) {
      rule.put("from", some(2, () -> Map.of("source", source(identities, tokens))));
    }
    if (random.nextInt(3) > 0) {
      rule.put("to", some(2, () -> Map.of("operation", operation())));
    }
    if (random.nextInt(3) == 0) {
      rule.put("when", some(2, () -> condition(identities, tokens)));
    }
    return rule;
  }

  private Map<String, Object> source(boolean identities, boolean tokens) {
    Map<String, Object> source = new LinkedHashMap<>();
    while (source.isEmpty()) {
      if (identities && random.nextInt(6) == 0) {
        field(source, "serviceAccounts", Vocabulary.SERVICE_ACCOUNTS, 1);
      } else if (identities) {
        field(source, "principals", Vocabulary.PRINCIPALS, 3);
        field(source, "namespaces", Vocabulary.NAMESPACE_VALUES, 4);
      }
      if (tokens) {
        field(source, "requestPrincipals", Vocabulary.REQUEST_PRINCIPALS, 3);
      }
      field(source, "ipBlocks", Vocabulary.BLOCKS, 5);
      field(source, "remoteIpBlocks", Vocabulary.BLOCKS, 5);
    }
    return source;
  }

  private Map<String, Object> operation() {
    Map<String, Object> operation = new LinkedHashMap<>();
    while (operation.isEmpty()) {
      field(operation, "hosts", Vocabulary.HOST_VALUES, 5);
      field(operation, "methods", Vocabulary.METHOD_VALUES, 4);
      field(operation, "paths", Vocabulary.PATH_VALUES, 2);
      field(operation, "ports", Vocabulary.PORTS, 6);
    }
    return operation;
  }

  /** One in {@code rarity} has the field, its negation, or both. */
  private void field(Map<String, Object> into, String name, List<String> values, int rarity) {
    if (random.nextInt(rarity) == 0) {
      into.put(name, values(values));
    }
    if (random.nextInt(2 * rarity) == 0) {
      into.put("not" + Character.toUpperCase(name.charAt(0)) + name.substring(1), values(values));
    }
  }

  private List<Object> values(List<String> from) {
    return some(random.nextInt(10) == 0 ? 12 : 2, () -> one(from));
  }

  private Map<String, Object> condition(boolean identities, boolean tokens) {
    List<Map.Entry<String, List<String>>> keys = new ArrayList<>();
    keys.add(Map.entry("request.headers[x-a]", Vocabulary.TEXT_VALUES));
    keys.add(Map.entry("request.headers[X-B]", Vocabulary.TEXT_VALUES));
    keys.add(Map.entry("source.ip", Vocabulary.BLOCKS));
    keys.add(Map.entry("remote.ip", Vocabulary.BLOCKS));
    keys.add(Map.entry("destination.ip", Vocabulary.BLOCKS));
    keys.add(Map.entry("destination.port", Vocabulary.PORTS));
    keys.add(Map.entry("connection.sni", Vocabulary.SERVER_NAMES));
    if (identities) {
      keys.add(Map.entry("source.namespace", Vocabulary.NAMESPACE_VALUES));
      keys.add(Map.entry("source.principal", Vocabulary.PRINCIPALS));
      keys.add(Map.entry("source.serviceAccount", Vocabulary.SERVICE_ACCOUNTS));
      keys.add(Map.entry("source.trustDomain", Vocabulary.DOMAIN_VALUES));
    }
    if (tokens) {
      keys.add(Map.entry("request.auth.principal", Vocabulary.REQUEST_PRINCIPALS));
      keys.add(Map.entry("request.auth.audiences", Vocabulary.AUDIENCES));
      keys.add(Map.entry("request.auth.presenter", Vocabulary.CLAIM_VALUES));
      keys.add(Map.entry("request.auth.claims[role]", Vocabulary.CLAIM_VALUES));
      keys.add(Map.entry("request.auth.claims[realm][roles]", Vocabulary.CLAIM_VALUES));
      keys.add(Map.entry("request.auth.claims[iss]", Vocabulary.ISSUERS));
    }
    Map.Entry<String, List<String>> key = keys.get(random.nextInt(keys.size()));
    Map<String, Object> condition = new LinkedHashMap<>();
    condition.put("key", key.getKey());
    if (random.nextInt(3) > 0) {
      condition.put("values", values(key.getValue()));
    }
    if (condition.size() == 1 || random.nextInt(4) == 0) {
      condition.put("notValues", values(key.getValue()));
    }
    return condition;
  }

  private Map<String, Object> request(boolean tokens) {
    Map<String, Object> request = new LinkedHashMap<>();
    if (random.nextInt(3) > 0) {
      String domain = random.nextInt(8) == 0 ? one(Vocabulary.DOMAINS) : "cluster.local";
      request.put(
          "as", domain + "/ns/" + one(Vocabulary.NAMESPACES) + "/sa/" + one(Vocabulary.ACCOUNTS));
      if (random.nextInt(6) == 0) {
        request.put("sni", one(List.of("a.com", "x.a.com", "A.com", "b.com", "")));
      }
    }
    if (random.nextInt(5) == 0) {
      request.put("from", "10.77.0.3");
    }
    if (random.nextInt(6) == 0) {
      request.put("port", random.nextBoolean() ? 9090 : 7070);
      request.put("protocol", "tcp");
      request.put("text", "hello");
      return request;
    }
    if (random.nextInt(5) == 0) {
      request.put("protocol", "http2");
    }
    request.put("method", one(Vocabulary.METHODS));
    request.put("path", one(Vocabulary.PATHS));
    if (random.nextInt(3) == 0) {
      request.put("host", one(Vocabulary.HOSTS));
    }
    List<Object> headers = new ArrayList<>();
    for (String name : Vocabulary.HEADER_NAMES) {
      if (random.nextInt(3) == 0) {
        headers.add(List.of(name(request, name), one(Vocabulary.HEADER_VALUES)));
      }
    }
    if (!headers.isEmpty() && random.nextInt(8) == 0) {
      headers.add(List.of(name(request, "x-a"), one(Vocabulary.HEADER_VALUES)));
    }
    if (random.nextInt(6) == 0) {
      headers.add(List.of(name(request, "X-Forwarded-For"), one(Vocabulary.FORWARDED)));
    }
    if (random.nextInt(4) == 0) {
      headers.add(List.of("x-ext-authz", random.nextBoolean() ? "allow" : "deny"));
    }
    if (!headers.isEmpty()) {
      request.put("headers", headers);
    }
    if (tokens && random.nextInt(4) > 0) {
      request.put("jwt", token());
    }
    return request;
  }

  /** "Field names MUST be converted to lowercase" (RFC 9113 8.2). */
  private static String name(Map<String, Object> request, String name) {
    return request.containsKey("protocol") ? name.toLowerCase(Locale.ROOT) : name;
  }

  private Map<String, Object> token() {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", random.nextInt(8) == 0 ? "nobody" : one(Vocabulary.ISSUERS));
    if (random.nextInt(6) > 0) {
      claims.put("sub", one(Vocabulary.SUBJECTS));
    }
    claims.put("exp", random.nextInt(12) == 0 ? 1_000_000_000 : 4_000_000_000L);
    if (random.nextBoolean()) {
      claims.put(
          "aud",
          random.nextBoolean()
              ? one(Vocabulary.AUDIENCES)
              : some(2, () -> one(Vocabulary.AUDIENCES)));
    }
    if (random.nextInt(3) == 0) {
      claims.put("azp", one(Vocabulary.CLAIM_VALUES));
    }
    if (random.nextBoolean()) {
      claims.put("role", claim());
    }
    if (random.nextInt(3) == 0) {
      claims.put("realm", random.nextInt(5) == 0 ? "admin" : Map.of("roles", claim()));
    }
    Map<String, Object> token = new LinkedHashMap<>();
    token.put("claims", claims);
    token.put("key", one(List.of("rsa-1", "rsa-1", "ec-1", "rsa-2")));
    return token;
  }

  private Object claim() {
    return switch (random.nextInt(6)) {
      case 0 -> List.of(one(Vocabulary.CLAIM_VALUES), one(Vocabulary.CLAIM_VALUES));
      case 1 -> 1;
      case 2 -> true;
      case 3 -> List.of("other", 1, true);
      default -> one(Vocabulary.CLAIM_VALUES);
    };
  }

  private <T> List<Object> some(int most, Supplier<T> each) {
    List<Object> list = new ArrayList<>();
    for (int i = random.nextInt(most); i >= 0; i--) {
      list.add(each.get());
    }
    return list;
  }

  private <T> T one(List<T> values) {
    return values.get(random.nextInt(Math.min(values.size(), words)));
  }
}
