package io.selvage.xds.encode;

import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.matcher.v3.ListMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.OrMatcher;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.selvage.policy.Matcher;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.EnvoyNames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The policy tree as {@code envoy.config.rbac.v3.RBAC}, in the words that istiod uses.
 *
 * <p>Envoy asks for permissions (what) and principals (who) apart: a matcher on the wrong side is
 * refused. An empty conjunction becomes "any", an empty disjunction "not any".
 */
public final class RbacEncoder {
  private static final Permission ANY_PERMISSION = Permission.newBuilder().setAny(true).build();
  private static final Principal ANY_PRINCIPAL = Principal.newBuilder().setAny(true).build();
  private static final Permission NO_PERMISSION =
      Permission.newBuilder().setNotRule(ANY_PERMISSION).build();
  private static final Principal NO_PRINCIPAL =
      Principal.newBuilder().setNotId(ANY_PRINCIPAL).build();

  private RbacEncoder() {}

  /** Encodes one rule set. */
  public static RBAC encode(RbacPolicy.RuleSet rules) {
    return encode(rules, new EncodedParts());
  }

  /** Encodes one rule set; sets have rules in common. */
  static RBAC encode(RbacPolicy.RuleSet rules, EncodedParts parts) {
    return encode(rules, UnaryOperator.identity(), parts);
  }

  /** The same under other ids. */
  static RBAC encode(RbacPolicy.RuleSet rules, UnaryOperator<String> id, EncodedParts parts) {
    RBAC.Builder to = RBAC.newBuilder().setAction(action(rules.action()));
    for (RbacPolicy rule : rules.rules()) {
      String name = id.apply(rule.id());
      if (to.containsPolicies(name)) {
        throw new EncodingException("two rules are called " + name);
      }
      to.putPolicies(name, parts.rule(rule));
    }
    return to.build();
  }

  private static RBAC.Action action(RbacPolicy.Action action) {
    return switch (action) {
      case ALLOW -> RBAC.Action.ALLOW;
      case DENY -> RBAC.Action.DENY;
      case LOG -> RBAC.Action.LOG;
    };
  }

  static Policy policy(RbacPolicy rule) {
    Policy.Builder to = Policy.newBuilder();
    rule.permissions().forEach(matcher -> to.addPermissions(permission(matcher)));
    rule.principals().forEach(matcher -> to.addPrincipals(principal(matcher)));
    if (rule.permissions().isEmpty()) {
      to.addPermissions(NO_PERMISSION);
    }
    if (rule.principals().isEmpty()) {
      to.addPrincipals(NO_PRINCIPAL);
    }
    return to.build();
  }

  // "metadata" is deprecated for "sourced_metadata", which proxies of last year and gRPC refuse.
  @SuppressWarnings("deprecation")
  static Permission permission(Matcher matcher) {
    Permission.Builder to = Permission.newBuilder();
    return switch (matcher) {
      case Matcher.Always _ -> ANY_PERMISSION;
      case Matcher.Never _ -> NO_PERMISSION;
      case Matcher.And(List<Matcher> parts) ->
          parts.isEmpty() ? ANY_PERMISSION : to.setAndRules(permissions(parts)).build();
      case Matcher.Or(List<Matcher> parts) ->
          parts.isEmpty() ? NO_PERMISSION : to.setOrRules(permissions(parts)).build();
      case Matcher.Not(Matcher part) -> to.setNotRule(permission(part)).build();
      case Matcher.DestinationIp(var block) -> to.setDestinationIp(Values.cidr(block)).build();
      case Matcher.DestinationPort(int first, int last) -> port(first, last);
      case Matcher.ServerName(StringMatch match) ->
          to.setRequestedServerName(Values.string(match)).build();
      case Matcher.PathTemplateMatch(PathTemplate template) ->
          to.setUriTemplate(template(template)).build();
      case Matcher.Path(StringMatch match) -> to.setUrlPath(path(match)).build();
      case Matcher.Host(StringMatch match) -> to.setHeader(header(":authority", match)).build();
      case Matcher.Method(StringMatch match) -> to.setHeader(header(":method", match)).build();
      case Matcher.Header(String name, StringMatch match) ->
          to.setHeader(header(name, match)).build();
      case Matcher.Claim(List<String> path, StringMatch match) ->
          to.setMetadata(claim(path, match)).build();
      case Matcher.FilterMetadata(String filter, List<String> path, StringMatch match) ->
          to.setMetadata(metadata(filter, path, string(match))).build();
      case Matcher.PeerPrincipal _,
          Matcher.PeerAuthenticated _,
          Matcher.SourceIp _,
          Matcher.RemoteIp _ ->
          throw new EncodingException("in a permission, Envoy can't ask for " + matcher);
    };
  }

  // "metadata" is deprecated for "sourced_metadata", which proxies of last year and gRPC refuse.
  @SuppressWarnings("deprecation")
  static Principal principal(Matcher matcher) {
    Principal.Builder to = Principal.newBuilder();
    return switch (matcher) {
      case Matcher.Always _ -> ANY_PRINCIPAL;
      case Matcher.Never _ -> NO_PRINCIPAL;
      case Matcher.And(List<Matcher> parts) ->
          parts.isEmpty() ? ANY_PRINCIPAL : to.setAndIds(principals(parts)).build();
      case Matcher.Or(List<Matcher> parts) ->
          parts.isEmpty() ? NO_PRINCIPAL : to.setOrIds(principals(parts)).build();
      case Matcher.Not(Matcher part) -> to.setNotId(principal(part)).build();
      case Matcher.PeerPrincipal(StringMatch match) ->
          to.setAuthenticated(
                  Principal.Authenticated.newBuilder().setPrincipalName(Values.string(match)))
              .build();
      case Matcher.PeerAuthenticated _ ->
          to.setAuthenticated(Principal.Authenticated.getDefaultInstance()).build();
      case Matcher.SourceIp(var block) -> to.setDirectRemoteIp(Values.cidr(block)).build();
      case Matcher.RemoteIp(var block) -> to.setRemoteIp(Values.cidr(block)).build();
      case Matcher.Path(StringMatch match) -> to.setUrlPath(path(match)).build();
      case Matcher.Host(StringMatch match) -> to.setHeader(header(":authority", match)).build();
      case Matcher.Method(StringMatch match) -> to.setHeader(header(":method", match)).build();
      case Matcher.Header(String name, StringMatch match) ->
          to.setHeader(header(name, match)).build();
      case Matcher.Claim(List<String> path, StringMatch match) ->
          to.setMetadata(claim(path, match)).build();
      case Matcher.FilterMetadata(String filter, List<String> path, StringMatch match) ->
          to.setMetadata(metadata(filter, path, string(match))).build();
      case Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.ServerName _,
          Matcher.PathTemplateMatch _ ->
          throw new EncodingException("in a principal, Envoy can't ask for " + matcher);
    };
  }

  private static Permission.Set permissions(List<Matcher> parts) {
    Permission.Set.Builder set = Permission.Set.newBuilder();
    parts.forEach(part -> set.addRules(permission(part)));
    return set.build();
  }

  private static Principal.Set principals(List<Matcher> parts) {
    Principal.Set.Builder set = Principal.Set.newBuilder();
    parts.forEach(part -> set.addIds(principal(part)));
    return set.build();
  }

  private static Permission port(int first, int last) {
    if (first < 0 || last < first || last > 65535) {
      throw new EncodingException("no range of ports: " + first + ".." + last);
    }
    return first == last
        ? Permission.newBuilder().setDestinationPort(first).build()
        : Permission.newBuilder()
            .setDestinationPortRange(Int32Range.newBuilder().setStart(first).setEnd(last + 1))
            .build();
  }

  private static PathMatcher path(StringMatch match) {
    return PathMatcher.newBuilder().setPath(Values.string(match)).build();
  }

  static HeaderMatcher header(String name, StringMatch match) {
    HeaderMatcher.Builder to = HeaderMatcher.newBuilder().setName(name);
    return match instanceof StringMatch.Any
        ? to.setPresentMatch(true).build()
        : to.setStringMatch(Values.string(match)).build();
  }

  private static TypedExtensionConfig template(PathTemplate template) {
    String path =
        template.segments().stream()
            .map(
                segment ->
                    switch (segment) {
                      case PathTemplate.Segment.Literal(String text) -> text;
                      case PathTemplate.Segment.One _ -> "*";
                      case PathTemplate.Segment.Rest _ -> "**";
                    })
            .collect(Collectors.joining("/", "/", ""));
    return TypedExtensionConfig.newBuilder()
        .setName("uri-template")
        .setTypedConfig(
            Packing.pack(UriTemplateMatchConfig.newBuilder().setPathTemplate(path).build()))
        .build();
  }

  /**
   * A claim equals, or is a list that holds: istiod's form; {@code iss} and {@code sub} are text.
   */
  private static MetadataMatcher claim(List<String> path, StringMatch match) {
    List<String> keys = new ArrayList<>(path.size() + 1);
    keys.add(EnvoyNames.JWT_PAYLOAD);
    keys.addAll(path);
    boolean text = path.equals(List.of("iss")) || path.equals(List.of("sub"));
    return metadata(EnvoyNames.JWT_AUTHN, keys, text ? string(match) : stringOrInList(match));
  }

  private static ValueMatcher stringOrInList(StringMatch match) {
    ListMatcher.Builder list = ListMatcher.newBuilder().setOneOf(string(match));
    return ValueMatcher.newBuilder()
        .setOrMatch(
            OrMatcher.newBuilder()
                .addValueMatchers(ValueMatcher.newBuilder().setListMatch(list))
                .addValueMatchers(string(match)))
        .build();
  }

  private static ValueMatcher string(StringMatch match) {
    return ValueMatcher.newBuilder().setStringMatch(Values.string(match)).build();
  }

  private static MetadataMatcher metadata(String filter, List<String> path, ValueMatcher value) {
    MetadataMatcher.Builder to = MetadataMatcher.newBuilder().setFilter(filter).setValue(value);
    path.forEach(key -> to.addPath(MetadataMatcher.PathSegment.newBuilder().setKey(key)));
    return to.build();
  }
}
