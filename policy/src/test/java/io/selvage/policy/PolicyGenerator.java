package io.selvage.policy;

import com.google.re2j.Pattern;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Random policies, connections and requests of a small vocabulary of strings that nearly match one
 * another, so that a generated request hits or narrowly misses what a generated rule asks for.
 */
final class PolicyGenerator {
  private static final List<String> PATHS =
      List.of(
          "/",
          "",
          "*",
          "/res1",
          "/res10",
          "/res1/x",
          "/res10/x",
          "/RES1",
          "/res1/",
          "/res",
          "/res2",
          "/api/v1/users",
          "/api/v1/users/7",
          "/api/v1",
          "/api/v10",
          "/api/v1/",
          "/api//v1",
          "/store/a/cart",
          "/store//cart",
          "/store/cart",
          "/store/a/b/cart",
          "/store/a/cart/",
          "/a/x\"y/b",
          "/a/x*y/b",
          "/a/b/c/d/e/f/g/h",
          "/a/b",
          "/é",
          "res1",
          "/x1",
          "/ax1");
  private static final List<String> TEMPLATES =
      List.of(
          "/{*}",
          "/{**}",
          "/res1/{*}",
          "/api/{*}/users",
          "/api/{*}/users/{**}",
          "/store/{**}/cart",
          "/store/{*}/cart",
          "/a/{*}/b",
          "/a/b/{**}",
          "/{*}/v1/{*}",
          "/{**}/x",
          "/a/b");
  private static final List<String> PRINCIPALS =
      List.of(
          "spiffe://cluster.local/ns/foo/sa/bar",
          "spiffe://cluster.local/ns/foo/sa/bar2",
          "spiffe://cluster.local/ns/foo/sa/ba",
          "spiffe://cluster.local/ns/fo/sa/bar",
          "spiffe://cluster.local/ns/foo-x/sa/bar",
          "spiffe://td2/ns/foo/sa/bar",
          "spiffe://td/k/v/ns/foo/x/y/sa/bar/z",
          "spiffe://td/ns/foo/ns/fo/sa/bar",
          "spiffe://ns/foo/sa/bar",
          "spiffe://td/ns/foo/sa/bar/",
          "spiffe://td/ns/foo/xsa/bar",
          "SPIFFE://cluster.local/ns/foo/sa/bar",
          "spiffe://td/ns/foo/sa/bar\nx",
          "");
  private static final List<String> IDENTITY_REGEXES =
      List.of(
          ".*/ns/foo/.*",
          ".*/ns/fo.*/.*",
          ".*/ns/foo-x/.*",
          "spiffe://.+/ns/foo/(.+/|)sa/bar(/.+)?",
          "spiffe://.+/ns/foo/(.+/|)sa/bar2(/.+)?",
          "spiffe://.*/sa/bar",
          "spiffe://.*",
          ".+",
          "spiffe://[^/]*local/.*",
          ".*/ns/foo/.*|nothing");
  private static final List<String> HOSTS =
      List.of("", "a.com", "A.com", "a.com:80", "b.com", "x.a.com", "xa.com", "a.co");
  private static final List<String> METHODS = List.of("GET", "POST", "get", "PUT", "GETS");
  private static final List<String> VALUES =
      List.of("", "bar", "Bar", "bar,baz", "baz", "ba", "bar,", ",bar", "é");
  private static final List<String> HEADERS = List.of("x-a", "x-b", ":path", ":scheme");
  private static final List<String> BLOCKS =
      List.of("10.0.0.0/8", "10.0.0.1", "10.0.0.2/31", "0.0.0.0/0", "2001:db8::/33", "::/0");
  private static final List<String> ADDRESSES =
      List.of("10.0.0.1", "10.0.0.3", "11.0.0.1", "2001:db8::1", "2001:db8:8000::1");
  private static final List<List<String>> CLAIMS =
      List.of(List.of("iss"), List.of("sub"), List.of("aud"), List.of("realm", "roles"));

  private final Random random;
  private final int vocabulary;

  /**
   * @param vocabulary how many strings of each kind are used at most; few make matches likely
   */
  PolicyGenerator(long seed, int vocabulary) {
    this.random = new Random(seed);
    this.vocabulary = vocabulary;
  }

  Authorization authorization(int maxStages, int maxRules) {
    List<Stage> stages = new ArrayList<>();
    int count = random.nextInt(maxStages + 1);
    for (int i = 0; i < count; i++) {
      stages.add(stage(maxRules));
    }
    return new Authorization(stages);
  }

  private Stage stage(int maxRules) {
    if (random.nextInt(5) == 0) {
      return new Stage.Custom("p", rules(Action.DENY, maxRules), random.nextInt(3) == 0);
    }
    Optional<RuleSet> shadow =
        random.nextInt(3) == 0
            ? Optional.of(rules(any(Action.values()), maxRules))
            : Optional.empty();
    Optional<RuleSet> enforced =
        shadow.isEmpty() || random.nextBoolean()
            ? Optional.of(rules(any(Action.values()), maxRules))
            : Optional.empty();
    return new Stage.Rbac(enforced, shadow);
  }

  RuleSet rules(Action action, int maxRules) {
    int count = random.nextInt(maxRules + 1);
    boolean istio = random.nextInt(3) > 0;
    List<RbacPolicy> rules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rules.add(
          istio
              ? new RbacPolicy("r" + i, list(this::operation), list(this::source))
              : new RbacPolicy("r" + i, list(() -> tree(3)), list(() -> tree(3))));
    }
    return new RuleSet(action, rules);
  }

  private <T> List<T> list(Supplier<T> each) {
    List<T> list = new ArrayList<>();
    int count = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(2) * random.nextInt(3);
    if (random.nextInt(40) == 0) {
      count += 2 * PredicateCompiler.MANY;
    }
    for (int i = 0; i < count; i++) {
      list.add(each.get());
    }
    return list;
  }

  /** As Istio makes one: a conjunction of values and not-values. */
  private Matcher operation() {
    List<Matcher> parts = new ArrayList<>();
    field(parts, () -> new Matcher.Host(text(HOSTS, true)));
    field(parts, () -> new Matcher.Method(text(METHODS, false)));
    field(parts, this::path);
    field(parts, this::path);
    field(parts, this::port);
    field(parts, () -> new Matcher.DestinationIp(block()));
    field(parts, () -> new Matcher.ServerName(text(HOSTS, false)));
    return new Matcher.And(parts);
  }

  private Matcher source() {
    List<Matcher> parts = new ArrayList<>();
    field(parts, this::principal);
    field(parts, this::principal);
    field(parts, () -> new Matcher.SourceIp(block()));
    field(parts, () -> new Matcher.RemoteIp(block()));
    field(parts, this::header);
    field(parts, this::claim);
    return new Matcher.And(parts);
  }

  private void field(List<Matcher> parts, Supplier<Matcher> value) {
    int kind = random.nextInt(8);
    if (kind == 0 || kind == 2 || kind == 3) {
      parts.add(new Matcher.Or(values(value)));
    }
    if (kind == 1 || kind == 2) {
      parts.add(new Matcher.Not(new Matcher.Or(values(value))));
    }
  }

  /** A few most often; sometimes so many that they are tested at once. */
  private List<Matcher> values(Supplier<Matcher> value) {
    List<Matcher> values = new ArrayList<>();
    int most = random.nextInt(6) == 0 ? 3 * PredicateCompiler.MANY : 3;
    for (int i = random.nextInt(most); i >= 0; i--) {
      values.add(value.get());
    }
    return values;
  }

  private Matcher tree(int depth) {
    int kind = random.nextInt(depth == 0 ? 10 : 16);
    return switch (kind) {
      case 10, 11 -> new Matcher.And(list(() -> tree(depth - 1)));
      case 12, 13 -> new Matcher.Or(list(() -> tree(depth - 1)));
      case 14, 15 -> new Matcher.Not(tree(depth - 1));
      default -> leaf();
    };
  }

  private Matcher leaf() {
    return switch (random.nextInt(16)) {
      case 0 -> new Matcher.Always();
      case 1 -> new Matcher.Never();
      case 2 -> new Matcher.PeerAuthenticated();
      case 3 -> new Matcher.FilterMetadata("f", List.of("k"), new StringMatch.Any());
      case 4 -> new Matcher.SourceIp(block());
      case 5 -> new Matcher.RemoteIp(block());
      case 6 -> new Matcher.DestinationIp(block());
      case 7 -> port();
      case 8 -> new Matcher.ServerName(text(HOSTS, false));
      case 9 -> new Matcher.Host(text(HOSTS, true));
      case 10 -> new Matcher.Method(text(METHODS, false));
      case 11, 12 -> path();
      case 13 -> header();
      case 14 -> claim();
      default -> principal();
    };
  }

  private Matcher port() {
    int first = any(List.of(80, 8080, 0));
    return new Matcher.DestinationPort(first, first + any(List.of(0, 0, 3, 9000)));
  }

  private Matcher path() {
    return random.nextInt(3) == 0
        ? new Matcher.PathTemplateMatch(PathTemplate.parse(any(TEMPLATES)))
        : new Matcher.Path(text(PATHS, false));
  }

  private Matcher principal() {
    return new Matcher.PeerPrincipal(
        random.nextBoolean()
            ? new StringMatch.Regex(Pattern.compile(any(IDENTITY_REGEXES)))
            : text(PRINCIPALS, false));
  }

  private Matcher header() {
    return new Matcher.Header(any(HEADERS), text(VALUES, false));
  }

  private Matcher claim() {
    return new Matcher.Claim(any(CLAIMS), text(VALUES, false));
  }

  private Cidr block() {
    return Cidr.parse(any(BLOCKS));
  }

  private StringMatch text(List<String> values, boolean foldMostly) {
    String value = any(values);
    boolean fold = random.nextInt(4) == 0 ? !foldMostly : foldMostly;
    int cut = random.nextInt(value.length() + 1);
    return switch (random.nextInt(12)) {
      case 0 -> new StringMatch.Any();
      case 1 -> new StringMatch.NonEmpty();
      case 2, 3 -> new StringMatch.Prefix(value, fold);
      case 4 -> new StringMatch.Prefix(value.substring(0, cut), fold);
      case 5 -> new StringMatch.Suffix(value, fold);
      case 6 -> new StringMatch.Suffix(value.substring(cut), fold);
      case 7 -> new StringMatch.Contains(value.substring(cut), fold);
      case 8 ->
          new StringMatch.Regex(Pattern.compile(Pattern.quote(value.substring(0, cut)) + ".*"));
      default -> new StringMatch.Exact(value, fold);
    };
  }

  ConnectionFacts connection() {
    return new ConnectionFacts(
        random.nextInt(5) == 0 ? Optional.empty() : Optional.of(any(PRINCIPALS)),
        InetAddress.ofLiteral(any(ADDRESSES)),
        InetAddress.ofLiteral(any(ADDRESSES)),
        any(List.of(0, 80, 83, 8080, 65535)),
        random.nextInt(3) == 0 ? Optional.empty() : Optional.of(any(HOSTS)));
  }

  RecordedRequest request() {
    List<RecordedRequest.Header> headers = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      headers.add(new RecordedRequest.Header(any(HEADERS), any(VALUES)));
    }
    return new RecordedRequest(
        any(METHODS),
        any(HOSTS),
        any(PATHS),
        headers,
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(InetAddress.ofLiteral(any(ADDRESSES))),
        random.nextInt(3) == 0 ? Optional.empty() : Optional.of(claims()));
  }

  private Map<String, Object> claims() {
    Map<String, Object> claims = new HashMap<>();
    claims.put("iss", any(VALUES));
    claims.put("sub", random.nextBoolean() ? any(VALUES) : 7);
    claims.put("aud", List.of(any(VALUES), any(VALUES), true));
    claims.put("realm", random.nextBoolean() ? Map.of("roles", List.of(any(VALUES))) : "x");
    return claims;
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(Math.min(values.size(), vocabulary)));
  }

  private <T> T any(T[] values) {
    return values[random.nextInt(values.length)];
  }
}
