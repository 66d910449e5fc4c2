package io.selvage.xds.parse;

import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.rbac.v3.MetadataSource;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.selvage.policy.Matcher;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code envoy.config.rbac.v3.RBAC} to the policy tree, each case of {@code Permission} and {@code
 * Principal} understood or refused by name.
 */
final class RbacParser {
  private static final Matcher STAND_IN = new Matcher.Never();

  private RbacParser() {}

  /** Rules in the order of their ids, which is Envoy's. */
  static RbacPolicy.RuleSet parse(RBAC from, At at) {
    List<RbacPolicy> rules = new ArrayList<>(from.getPoliciesCount());
    new TreeMap<>(from.getPoliciesMap())
        .forEach((id, policy) -> rules.add(policy(id, policy, at.entry("policies", id))));
    return new RbacPolicy.RuleSet(action(from, at), List.copyOf(rules));
  }

  private static RbacPolicy.Action action(RBAC from, At at) {
    return switch (from.getAction()) {
      case ALLOW -> RbacPolicy.Action.ALLOW;
      case DENY -> RbacPolicy.Action.DENY;
      case LOG -> RbacPolicy.Action.LOG;
      case UNRECOGNIZED -> {
        at.field("action").refuse("is unknown: " + from.getActionValue());
        yield RbacPolicy.Action.DENY;
      }
    };
  }

  private static RbacPolicy policy(String id, Policy from, At at) {
    if (from.getPermissionsCount() == 0 || from.getPrincipalsCount() == 0) {
      at.refuse("needs at least one permission and one principal");
    }
    return new RbacPolicy(
        id,
        permissions(from.getPermissionsList(), "permissions", at),
        principals(from.getPrincipalsList(), "principals", at));
  }

  private static List<Matcher> permissions(List<Permission> from, String field, At at) {
    List<Matcher> to = new ArrayList<>(from.size());
    for (int i = 0; i < from.size(); i++) {
      to.add(permission(from.get(i), at.item(field, i)));
    }
    return List.copyOf(to);
  }

  private static List<Matcher> principals(List<Principal> from, String field, At at) {
    List<Matcher> to = new ArrayList<>(from.size());
    for (int i = 0; i < from.size(); i++) {
      to.add(principal(from.get(i), at.item(field, i)));
    }
    return List.copyOf(to);
  }

  private static List<Matcher> some(List<Matcher> parts, At at) {
    if (parts.isEmpty()) {
      at.refuse("is empty");
    }
    return parts;
  }

  // "metadata" is deprecated for "sourced_metadata", and what istiod sends.
  @SuppressWarnings("deprecation")
  static Matcher permission(Permission from, At at) {
    return switch (from.getRuleCase()) {
      case ANY -> any(from.getAny(), at);
      case AND_RULES ->
          new Matcher.And(
              some(
                  permissions(from.getAndRules().getRulesList(), "and_rules", at),
                  at.field("and_rules")));
      case OR_RULES ->
          new Matcher.Or(
              some(
                  permissions(from.getOrRules().getRulesList(), "or_rules", at),
                  at.field("or_rules")));
      case NOT_RULE -> not(permission(from.getNotRule(), at.field("not_rule")));
      case HEADER -> header(from.getHeader(), at.field("header"));
      case URL_PATH ->
          new Matcher.Path(
              Values.string(from.getUrlPath().getPath(), at.field("url_path").field("path")));
      case DESTINATION_IP ->
          new Matcher.DestinationIp(
              Values.cidr(from.getDestinationIp(), at.field("destination_ip")));
      case DESTINATION_PORT ->
          ports(from.getDestinationPort(), from.getDestinationPort(), at.field("destination_port"));
      case DESTINATION_PORT_RANGE ->
          ports(
              from.getDestinationPortRange().getStart(),
              from.getDestinationPortRange().getEnd() - 1,
              at.field("destination_port_range"));
      case METADATA -> MetadataParser.parse(from.getMetadata(), at.field("metadata"));
      case SOURCED_METADATA -> sourced(from.getSourcedMetadata(), at.field("sourced_metadata"));
      case REQUESTED_SERVER_NAME ->
          new Matcher.ServerName(
              Values.string(from.getRequestedServerName(), at.field("requested_server_name")));
      case URI_TEMPLATE -> template(from.getUriTemplate(), at.field("uri_template"));
      case MATCHER, RULE_NOT_SET -> refused(from.getRuleCase(), at);
    };
  }

  // As above; "source_ip" is deprecated for "direct_remote_ip".
  @SuppressWarnings("deprecation")
  static Matcher principal(Principal from, At at) {
    return switch (from.getIdentifierCase()) {
      case ANY -> any(from.getAny(), at);
      case AND_IDS ->
          new Matcher.And(
              some(principals(from.getAndIds().getIdsList(), "and_ids", at), at.field("and_ids")));
      case OR_IDS ->
          new Matcher.Or(
              some(principals(from.getOrIds().getIdsList(), "or_ids", at), at.field("or_ids")));
      case NOT_ID -> not(principal(from.getNotId(), at.field("not_id")));
      case AUTHENTICATED ->
          from.getAuthenticated().hasPrincipalName()
              ? new Matcher.PeerPrincipal(
                  Values.string(
                      from.getAuthenticated().getPrincipalName(),
                      at.field("authenticated").field("principal_name")))
              : new Matcher.PeerAuthenticated();
      case SOURCE_IP ->
          new Matcher.SourceIp(Values.cidr(from.getSourceIp(), at.field("source_ip")));
      case DIRECT_REMOTE_IP ->
          new Matcher.SourceIp(Values.cidr(from.getDirectRemoteIp(), at.field("direct_remote_ip")));
      case REMOTE_IP ->
          new Matcher.RemoteIp(Values.cidr(from.getRemoteIp(), at.field("remote_ip")));
      case HEADER -> header(from.getHeader(), at.field("header"));
      case URL_PATH ->
          new Matcher.Path(
              Values.string(from.getUrlPath().getPath(), at.field("url_path").field("path")));
      case METADATA -> MetadataParser.parse(from.getMetadata(), at.field("metadata"));
      case SOURCED_METADATA -> sourced(from.getSourcedMetadata(), at.field("sourced_metadata"));
      case FILTER_STATE, CUSTOM, IDENTIFIER_NOT_SET -> refused(from.getIdentifierCase(), at);
    };
  }

  private static Matcher refused(Enum<?> which, At at) {
    at.refuse(which.name().toLowerCase(Locale.ROOT) + " is a test that is not understood");
    return STAND_IN;
  }

  private static Matcher any(boolean value, At at) {
    if (!value) {
      at.field("any").refuse("must be true");
    }
    return new Matcher.Always();
  }

  private static Matcher not(Matcher part) {
    return part instanceof Matcher.Always ? new Matcher.Never() : new Matcher.Not(part);
  }

  private static Matcher ports(int first, int last, At at) {
    if (first < 0 || last < first || last > 65535) {
      at.refuse("is no port or range of ports");
      return STAND_IN;
    }
    return new Matcher.DestinationPort(first, last);
  }

  private static Matcher header(HeaderMatcher from, At at) {
    HeaderParser.HeaderTest test = HeaderParser.parse(from, at);
    if (test.absent()) {
      return new Matcher.Not(onHeader(test.name(), new StringMatch.Any(), at));
    }
    Matcher match = onHeader(test.name(), test.match(), at);
    return test.inverted()
        ? new Matcher.And(
            List.of(onHeader(test.name(), new StringMatch.Any(), at), new Matcher.Not(match)))
        : match;
  }

  private static Matcher onHeader(String name, StringMatch match, At at) {
    return switch (name) {
      case ":authority", "host" -> new Matcher.Host(match);
      case ":method" -> new Matcher.Method(match);
      default -> {
        if (name.startsWith(":")) {
          at.field("name").refuse("is " + At.quote(name) + "; for the path, use url_path");
        }
        yield new Matcher.Header(name, match);
      }
    };
  }

  private static Matcher sourced(SourcedMetadata from, At at) {
    if (from.getMetadataSource() != MetadataSource.DYNAMIC) {
      at.field("metadata_source").refuse("is the route's metadata, which is not understood");
    }
    return MetadataParser.parse(from.getMetadataMatcher(), at.field("metadata_matcher"));
  }

  private static Matcher template(TypedExtensionConfig from, At at) {
    At config = at.field("typed_config");
    String template =
        config
            .unpack(from.getTypedConfig(), UriTemplateMatchConfig.getDefaultInstance())
            .getPathTemplate();
    if (!template.startsWith("/") || template.indexOf('{') >= 0 || template.indexOf('}') >= 0) {
      config.field("path_template").refuse("is not understood: " + At.quote(template));
      return STAND_IN;
    }
    String istio =
        Stream.of(template.split("/", -1))
            .map(part -> part.equals("*") || part.equals("**") ? "{" + part + "}" : part)
            .collect(Collectors.joining("/"));
    try {
      return new Matcher.PathTemplateMatch(PathTemplate.parse(istio));
    } catch (IllegalArgumentException e) {
      config.field("path_template").refuse(At.quote(String.valueOf(e.getMessage())));
      return STAND_IN;
    }
  }
}
