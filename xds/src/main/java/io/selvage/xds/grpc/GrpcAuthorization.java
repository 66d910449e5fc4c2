package io.selvage.xds.grpc;

import com.google.re2j.Pattern;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.HttpFilter.JwtAuthentication;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a workload enforces, as RBAC filters of gRPC (A41): one that denies, then those that allow.
 *
 * <p>gRPC can check no token and ask no authorizer, does not look at a client's trust domain, and
 * does not normalise paths. So the first filter also denies what these would have decided: calls
 * with a token, calls that a CUSTOM rule is for, peers of another trust domain, and, where a rule
 * asks for the path, paths that a proxy would have changed before it asked. Every other call gets
 * the verdict that a proxy gives.
 *
 * @param filters in order
 * @param unsaid by rule id, what gRPC has no word for in it
 */
public record GrpcAuthorization(List<RuleSet> filters, Map<String, Set<String>> unsaid) {
  /** Rule id: the peer has no identity of the mesh's trust domains. */
  public static final String STRANGER = "selvage-peer-of-no-trust-domain";

  /** Rule id: a token that cannot be checked here, or a header that only a checked token sets. */
  public static final String TOKEN = "selvage-token-that-grpc-cannot-verify";

  /** Rule id: a path that a proxy would have normalised. */
  public static final String PATH = "selvage-path-not-normal";

  /** Of a path segment: all that no normalisation touches. */
  private static final String PLAIN = "[^/?#%\\\\]*";

  /**
   * The paths that stay as they are, whatever the mesh's normalisation; no query. A dot segment may
   * have parameters ({@code /..;x/}, CVE-2026-73551).
   */
  private static final StringMatch NORMAL_PATH =
      new StringMatch.Regex(
          Pattern.compile(
              "(?:/(?:[^/?#%\\\\.]"
                  + PLAIN
                  + "|\\.[^/?#%\\\\.;]"
                  + PLAIN
                  + "|\\.\\.[^/?#%\\\\;]"
                  + PLAIN
                  + "))*/?"));

  /**
   * Translates.
   *
   * @param enforced where requests are seen
   * @param tokens the check that gRPC cannot do
   * @param trustDomains of which a peer must be; none: connections are plaintext
   */
  public static GrpcAuthorization of(
      Authorization enforced, Optional<JwtAuthentication> tokens, Set<String> trustDomains) {
    var translation = new Translation();
    if (!trustDomains.isEmpty()) {
      translation.deny(STRANGER, new Matcher.Always(), stranger(trustDomains));
    }
    tokens.ifPresent(translation::denyTokens);
    enforced.stages().forEach(translation::add);
    return translation.done();
  }

  private static Matcher stranger(Set<String> trustDomains) {
    return new Matcher.Not(
        new Matcher.Or(
            trustDomains.stream()
                .<Matcher>map(
                    domain ->
                        new Matcher.PeerPrincipal(
                            new StringMatch.Prefix("spiffe://" + domain + "/", false)))
                .toList()));
  }

  /** One translation under way. */
  private static final class Translation {
    private final List<RbacPolicy> denied = new ArrayList<>();
    private final List<RuleSet> allowed = new ArrayList<>();
    private final Map<String, Set<String>> unsaid = new LinkedHashMap<>();
    private boolean asksForPath;

    void deny(String id, Matcher permission, Matcher principal) {
      denied.add(new RbacPolicy(id, List.of(permission), List.of(principal)));
    }

    void denyTokens(JwtAuthentication check) {
      deny(TOKEN, TokenTraces.of(check), new Matcher.Always());
      note(TOKEN, Set.of("tokens, so a call that brings one is denied"));
    }

    void add(Stage stage) {
      switch (stage) {
        case Stage.Rbac(var enforced, var shadow) -> {
          enforced.ifPresent(this::add);
          shadow.ifPresent(rules -> unenforced(rules, "dry runs"));
        }
        case Stage.Custom custom -> add(custom);
      }
    }

    private void add(RuleSet rules) {
      switch (rules.action()) {
        case DENY -> rules.rules().forEach(rule -> denied.add(said(rule, rule.id(), Action.DENY)));
        case ALLOW ->
            allowed.add(
                new RuleSet(
                    Action.ALLOW,
                    rules.rules().stream()
                        .map(rule -> said(rule, rule.id(), Action.ALLOW))
                        .toList()));
        case LOG -> unenforced(rules, "AUDIT");
      }
    }

    private void add(Stage.Custom custom) {
      for (RbacPolicy rule : custom.rules().rules()) {
        denied.add(said(rule, denialId(custom.provider(), rule.id()), Action.DENY));
        note(rule.id(), Set.of("CUSTOM, so what it is for is denied without asking"));
      }
    }

    /** As an unusable provider's rules are called, which may be called so already. */
    private static String denialId(String provider, String id) {
      String prefix = EnvoyNames.CUSTOM_ID + provider + "-";
      String full = id.startsWith(prefix) ? id : prefix + id;
      return full.endsWith(EnvoyNames.BAD_CUSTOM_ID) ? full : full + EnvoyNames.BAD_CUSTOM_ID;
    }

    private void unenforced(RuleSet rules, String what) {
      rules.rules().forEach(rule -> note(rule.id(), Set.of(what + ", which decides nothing")));
    }

    private RbacPolicy said(RbacPolicy rule, String id, Action action) {
      asksForPath |= asksForPath(rule.permissions()) || asksForPath(rule.principals());
      var words = new SayableMatchers();
      Reading reading = Reading.of(action);
      var said =
          new RbacPolicy(
              id, words.of(rule.permissions(), reading), words.of(rule.principals(), reading));
      note(rule.id(), words.unsaid());
      return said;
    }

    private void note(String rule, Set<String> what) {
      if (!what.isEmpty()) {
        unsaid.merge(
            rule,
            what,
            (one, other) -> {
              var both = new java.util.TreeSet<>(one);
              both.addAll(other);
              return both;
            });
      }
    }

    GrpcAuthorization done() {
      if (asksForPath) {
        deny(PATH, new Matcher.Not(new Matcher.Path(NORMAL_PATH)), new Matcher.Always());
      }
      List<RuleSet> filters = new ArrayList<>();
      if (!denied.isEmpty()) {
        filters.add(new RuleSet(Action.DENY, List.copyOf(denied)));
      }
      filters.addAll(allowed);
      return new GrpcAuthorization(List.copyOf(filters), unsaid);
    }
  }

  private static boolean asksForPath(List<Matcher> matchers) {
    return matchers.stream().anyMatch(GrpcAuthorization::asksForPath);
  }

  private static boolean asksForPath(Matcher matcher) {
    return switch (matcher) {
      case Matcher.And(List<Matcher> parts) -> asksForPath(parts);
      case Matcher.Or(List<Matcher> parts) -> asksForPath(parts);
      case Matcher.Not(Matcher part) -> asksForPath(part);
      case Matcher.Path _, Matcher.PathTemplateMatch _ -> true;
      case Matcher.Header(String name, var _) -> name.equals(":path");
      case Matcher.Always _,
          Matcher.Never _,
          Matcher.PeerPrincipal _,
          Matcher.PeerAuthenticated _,
          Matcher.SourceIp _,
          Matcher.RemoteIp _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.ServerName _,
          Matcher.Host _,
          Matcher.Method _,
          Matcher.Claim _,
          Matcher.FilterMetadata _ ->
          false;
    };
  }
}
