package io.selvage.prove;

import com.google.re2j.Pattern;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.Cidr;
import io.selvage.policy.Matcher;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import io.selvage.policy.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Random trees with every form of matcher there is, of texts that nearly match one another. */
final class RandomMatchers {
  static final List<String> PATHS =
      List.of(
          "/",
          "/a",
          "/a/b",
          "/ab",
          "/a/b/c",
          "/charge",
          "/charge/",
          "/charges",
          "/charge/7/x",
          "/items/7",
          "/items/7/cart",
          "/items//cart",
          "/x.js",
          "/a%2fb",
          "/é",
          "/a\"b",
          "*",
          "/a;v=1/b");
  static final List<String> TEMPLATES =
      List.of(
          "/{*}",
          "/{**}",
          "/a/{*}",
          "/items/{*}/cart",
          "/items/{**}/cart",
          "/{*}/b/{*}",
          "/charge/{**}",
          "/a/{*}/c",
          "/charge/{*}/");
  static final List<String> PRINCIPALS =
      List.of(
          "spiffe://cluster.local/ns/web/sa/front",
          "spiffe://cluster.local/ns/web/sa/front2",
          "spiffe://cluster.local/ns/web-x/sa/front",
          "spiffe://cluster.local/ns/batch/sa/nightly",
          "spiffe://other.example/ns/web/sa/front",
          "spiffe://a/ns/n/sa/s");
  private static final List<String> EXPRESSIONS =
      List.of(
          ".*/ns/web/.*",
          ".*/ns/we.*/.*",
          ".*/ns/.*x/.*",
          ".*/ns/.*a/.*",
          "spiffe://.+/ns/web/(.+/|)sa/front(/.+)?",
          "spiffe://.+/ns/batch/(.+/|)sa/nightly(/.+)?",
          "spiffe://.*front",
          "spiffe://[^/]*local/.*",
          "spiffe://other[^/]*/.*",
          "spiffe://cluster\\.local/ns/w[a-f]b/.*|never");
  static final List<String> HOSTS =
      List.of("a.example", "A.example", "a.example:80", "b.example", "x.a.example", "a", "[::1]");
  static final List<String> METHODS = List.of("GET", "POST", "get", "PUT", "GETS", "OPTIONS");
  static final List<String> VALUES =
      List.of("", "x", "xy", "X", "x,y", "y", ",y", "x,", "é", "a b");
  static final List<String> HEADERS = List.of("x-a", "x-b", ":path", ":scheme");
  static final List<String> BLOCKS =
      List.of(
          "10.0.0.0/8",
          "10.0.0.1",
          "10.0.0.2/31",
          "0.0.0.0/0",
          "192.0.2.0/24",
          "2001:db8::/33",
          "::/0",
          "2001:db8::1");
  static final List<String> ADDRESSES =
      List.of("10.0.0.1", "10.0.0.3", "11.0.0.1", "192.0.2.9", "2001:db8::1", "2001:db8:8000::1");
  static final List<List<String>> CLAIMS =
      List.of(
          List.of("iss"),
          List.of("sub"),
          List.of("aud"),
          List.of("groups"),
          List.of("realm", "roles"),
          List.of("realm"));

  private final Random random;

  RandomMatchers(Random random) {
    this.random = random;
  }

  Authorization authorization() {
    List<Stage> stages = new ArrayList<>();
    if (random.nextInt(5) == 0) {
      stages.add(new Stage.Custom("ext", rules(Action.DENY, 2), random.nextInt(4) == 0));
    }
    if (random.nextInt(3) > 0) {
      stages.add(enforced(Action.DENY));
    }
    if (random.nextInt(6) == 0) {
      stages.add(enforced(Action.LOG));
    }
    if (random.nextInt(4) > 0) {
      stages.add(enforced(Action.ALLOW));
    }
    return new Authorization(stages);
  }

  private Stage enforced(Action action) {
    return new Stage.Rbac(Optional.of(rules(action, 3)), Optional.empty());
  }

  private RuleSet rules(Action action, int most) {
    List<RbacPolicy> rules = new ArrayList<>();
    for (int i = random.nextInt(most + 1); i >= 0; i--) {
      rules.add(new RbacPolicy("r" + i, side(), side()));
    }
    return new RuleSet(action, rules);
  }

  private List<Matcher> side() {
    List<Matcher> all = new ArrayList<>();
    for (int i = random.nextInt(5) == 0 ? 1 : 0; i >= 0; i--) {
      all.add(random.nextInt(4) == 0 ? new Matcher.Always() : tree(2));
    }
    return all;
  }

  private Matcher tree(int depth) {
    return switch (random.nextInt(depth == 0 ? 6 : 12)) {
      case 6, 7, 8 -> new Matcher.And(several(depth));
      case 9, 10 -> new Matcher.Or(several(depth));
      case 11 -> new Matcher.Not(tree(depth - 1));
      default -> random.nextInt(4) == 0 ? new Matcher.Not(leaf()) : leaf();
    };
  }

  private List<Matcher> several(int depth) {
    List<Matcher> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      parts.add(tree(depth - 1));
    }
    return parts;
  }

  private Matcher leaf() {
    return switch (random.nextInt(20)) {
      case 0 -> new Matcher.Never();
      case 1 -> new Matcher.PeerAuthenticated();
      case 2 -> new Matcher.FilterMetadata("f", List.of("k"), new StringMatch.Any());
      case 3 -> new Matcher.SourceIp(block());
      case 4 -> new Matcher.RemoteIp(block());
      case 5 -> new Matcher.DestinationIp(block());
      case 6 -> new Matcher.DestinationPort(any(List.of(80, 8080)), any(List.of(8080, 9000)));
      case 7 -> new Matcher.ServerName(text(List.of("a.example", "b.example", "a"), false));
      case 8, 9 -> new Matcher.Host(text(HOSTS, random.nextInt(4) > 0));
      case 10 -> new Matcher.Method(text(METHODS, false));
      case 11, 12 -> new Matcher.Path(text(PATHS, false));
      case 13 -> new Matcher.PathTemplateMatch(PathTemplate.parse(any(TEMPLATES)));
      case 14, 15 -> header();
      case 16, 17 -> new Matcher.Claim(any(CLAIMS), text(VALUES, false));
      default ->
          new Matcher.PeerPrincipal(
              random.nextBoolean()
                  ? new StringMatch.Regex(Pattern.compile(any(EXPRESSIONS)))
                  : text(PRINCIPALS, false));
    };
  }

  private Matcher header() {
    String name = any(HEADERS);
    return new Matcher.Header(
        name,
        name.equals(":path")
            ? text(List.of("/a?q=1", "/a", "/charge?x"), false)
            : text(VALUES, false));
  }

  private Cidr block() {
    return Cidr.parse(any(BLOCKS));
  }

  private StringMatch text(List<String> values, boolean foldMostly) {
    String value = any(values);
    boolean fold = random.nextInt(8) == 0 ? !foldMostly : foldMostly;
    int cut = random.nextInt(value.length() + 1);
    return switch (random.nextInt(12)) {
      case 0 -> new StringMatch.Any();
      case 1 -> new StringMatch.NonEmpty();
      case 2, 3 -> new StringMatch.Prefix(value.substring(0, cut), fold);
      case 4, 5 -> new StringMatch.Suffix(value.substring(cut), fold);
      case 6 -> new StringMatch.Contains(value.substring(cut), fold);
      default -> new StringMatch.Exact(value, fold);
    };
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
