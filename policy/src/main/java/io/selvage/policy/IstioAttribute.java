package io.selvage.policy;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * An attribute that a field or a condition of an Istio policy looks at.
 *
 * @param permission whether Envoy has it on the side of permissions, else principals
 * @param httpOnly whether plain TCP doesn't have it
 * @param matcher what one value means; throws IllegalArgumentException when it means nothing
 */
record IstioAttribute(boolean permission, boolean httpOnly, Function<String, Matcher> matcher) {
  private static final String SCHEME = "spiffe://";
  private static final String FILTERS = "experimental.envoy.filters.";
  private static final String HEADERS = "request.headers[";
  private static final String CLAIMS = "request.auth.claims[";

  static final IstioAttribute HOST = http(true, value -> new Matcher.Host(host(value)));
  static final IstioAttribute METHOD =
      http(true, value -> new Matcher.Method(presenceOr(value, false)));
  static final IstioAttribute PATH = http(true, IstioAttribute::path);
  static final IstioAttribute PORT = any(true, IstioAttribute::port);
  static final IstioAttribute DESTINATION_IP =
      any(true, value -> new Matcher.DestinationIp(Cidr.parse(value)));
  static final IstioAttribute SERVER_NAME =
      any(true, value -> new Matcher.ServerName(text(value, "")));
  static final IstioAttribute SOURCE_IP =
      any(false, value -> new Matcher.SourceIp(Cidr.parse(value)));
  static final IstioAttribute REMOTE_IP =
      any(false, value -> new Matcher.RemoteIp(Cidr.parse(value)));
  static final IstioAttribute PRINCIPAL =
      any(false, value -> new Matcher.PeerPrincipal(text(value, SCHEME)));
  static final IstioAttribute NAMESPACE =
      any(false, value -> identity(".*/ns/" + globbed(value, ".*") + "/.*"));
  static final IstioAttribute TRUST_DOMAIN = any(false, IstioAttribute::trustDomain);
  static final IstioAttribute REQUEST_PRINCIPAL = http(false, IstioAttribute::requestPrincipal);

  private static IstioAttribute http(boolean permission, Function<String, Matcher> matcher) {
    return new IstioAttribute(permission, true, matcher);
  }

  private static IstioAttribute any(boolean permission, Function<String, Matcher> matcher) {
    return new IstioAttribute(permission, false, matcher);
  }

  /** The attribute of a field of {@code from} or {@code to}, by its name without {@code not}. */
  static IstioAttribute ofField(String name, String policyNamespace) {
    return switch (name) {
      case "principals" -> PRINCIPAL;
      case "requestPrincipals" -> REQUEST_PRINCIPAL;
      case "namespaces" -> NAMESPACE;
      case "serviceAccounts" -> serviceAccount(policyNamespace);
      case "trustDomains" -> TRUST_DOMAIN;
      case "ipBlocks" -> SOURCE_IP;
      case "remoteIpBlocks" -> REMOTE_IP;
      case "hosts" -> HOST;
      case "ports" -> PORT;
      case "methods" -> METHOD;
      case "paths" -> PATH;
      default -> throw new IllegalArgumentException("no field of a rule: " + name);
    };
  }

  /** The attribute of a condition's key; empty when there is none of that name. */
  static Optional<IstioAttribute> ofKey(String key, String policyNamespace) {
    return switch (key) {
      case "source.ip" -> Optional.of(SOURCE_IP);
      case "remote.ip" -> Optional.of(REMOTE_IP);
      case "source.namespace" -> Optional.of(NAMESPACE);
      case "source.serviceAccount" -> Optional.of(serviceAccount(policyNamespace));
      case "source.trustDomain" -> Optional.of(TRUST_DOMAIN);
      case "source.principal" -> Optional.of(PRINCIPAL);
      case "request.auth.principal" -> Optional.of(REQUEST_PRINCIPAL);
      case "request.auth.audiences" -> Optional.of(claim(List.of("aud")));
      case "request.auth.presenter" -> Optional.of(claim(List.of("azp")));
      case "destination.ip" -> Optional.of(DESTINATION_IP);
      case "destination.port" -> Optional.of(PORT);
      case "connection.sni" -> Optional.of(SERVER_NAME);
      default -> ofBracketedKey(key);
    };
  }

  private static Optional<IstioAttribute> ofBracketedKey(String key) {
    if (!key.endsWith("]")) {
      return Optional.empty();
    }
    if (key.startsWith(HEADERS)) {
      String name = key.substring(HEADERS.length(), key.length() - 1).toLowerCase(Locale.ROOT);
      return Optional.of(header(name));
    }
    if (key.startsWith(CLAIMS)) {
      return Optional.of(claim(claimPath(key.substring(CLAIMS.length() - 1))));
    }
    int bracket = key.indexOf('[');
    if (key.startsWith(FILTERS) && bracket > 0) {
      String filter = key.substring("experimental.".length(), bracket);
      List<String> path = List.of(key.substring(bracket + 1, key.length() - 1));
      return Optional.of(
          any(true, value -> new Matcher.FilterMetadata(filter, path, text(unlisted(value), ""))));
    }
    return Optional.empty();
  }

  private static IstioAttribute header(String name) {
    return switch (name) {
      case ":authority", "host" -> http(false, value -> new Matcher.Host(presenceOr(value, false)));
      case ":method" -> http(false, value -> new Matcher.Method(presenceOr(value, false)));
      default -> http(false, value -> new Matcher.Header(name, presenceOr(value, false)));
    };
  }

  private static IstioAttribute claim(List<String> path) {
    return http(false, value -> new Matcher.Claim(path, text(value, "")));
  }

  /** {@code [a][b]} is a path of two; brackets that don't pair up are one literal name. */
  static List<String> claimPath(String brackets) {
    List<String> path = new ArrayList<>();
    for (int at = 0; at < brackets.length(); ) {
      int end = brackets.indexOf(']', at);
      int next = brackets.indexOf('[', at + 1);
      if (brackets.charAt(at) != '[' || end < 0 || (next >= 0 && next < end)) {
        return List.of(brackets.substring(1, brackets.length() - 1));
      }
      path.add(brackets.substring(at + 1, end));
      at = end + 1;
    }
    return List.copyOf(path);
  }

  private static String unlisted(String value) {
    return value.length() > 1 && value.startsWith("[") && value.endsWith("]")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  private static Matcher path(String value) {
    return PathTemplate.isTemplate(value)
        ? new Matcher.PathTemplateMatch(PathTemplate.parse(value))
        : new Matcher.Path(text(value, ""));
  }

  private static Matcher port(String value) {
    int port = Integer.parseInt(value);
    if (port < 0 || port > 65535 || !Character.isDigit(value.charAt(0))) {
      throw new IllegalArgumentException("no port: " + value);
    }
    return new Matcher.DestinationPort(port, port);
  }

  private static StringMatch host(String value) {
    return presenceOr(value, true);
  }

  /** As a header: {@code *} is its presence. */
  private static StringMatch presenceOr(String value, boolean ignoreCase) {
    if (value.equals("*")) {
      return new StringMatch.Any();
    }
    if (value.startsWith("*")) {
      return new StringMatch.Suffix(value.substring(1), ignoreCase);
    }
    return value.endsWith("*")
        ? new StringMatch.Prefix(value.substring(0, value.length() - 1), ignoreCase)
        : new StringMatch.Exact(value, ignoreCase);
  }

  /** As a string: {@code *} is any that isn't empty; {@code before} belongs to all other values. */
  private static StringMatch text(String value, String before) {
    if (value.equals("*")) {
      return new StringMatch.NonEmpty();
    }
    if (value.startsWith("*") && !before.isEmpty()) {
      return regex(Pattern.quote(before) + ".*" + Pattern.quote(value.substring(1)));
    }
    return presenceOr(value.startsWith("*") ? value : before + value, false);
  }

  private static Matcher trustDomain(String value) {
    if (value.equals("*")) {
      return new Matcher.PeerPrincipal(new StringMatch.Prefix(SCHEME, false));
    }
    return value.contains("*")
        ? identity(SCHEME + globbed(value, "[^/]*") + "/.*")
        : new Matcher.PeerPrincipal(new StringMatch.Prefix(SCHEME + value + "/", false));
  }

  private static IstioAttribute serviceAccount(String policyNamespace) {
    return any(
        false,
        value -> {
          int slash = value.indexOf('/');
          String namespace = slash < 0 ? policyNamespace : value.substring(0, slash);
          return identity(
              "spiffe://.+/ns/%s/(.+/|)sa/%s(/.+)?"
                  .formatted(Pattern.quote(namespace), Pattern.quote(value.substring(slash + 1))));
        });
  }

  private static Matcher identity(String regex) {
    return new Matcher.PeerPrincipal(regex(regex));
  }

  private static StringMatch regex(String regex) {
    return new StringMatch.Regex(Pattern.compile(regex));
  }

  /** {@code value} quoted, but for each {@code *}. */
  private static String globbed(String value, String star) {
    StringBuilder regex = new StringBuilder();
    for (int at = 0; at <= value.length(); ) {
      int end = value.indexOf('*', at);
      if (end < 0) {
        return regex.append(Pattern.quote(value.substring(at))).toString();
      }
      regex.append(Pattern.quote(value.substring(at, end))).append(star);
      at = end + 1;
    }
    return regex.toString();
  }

  /** {@code issuer/subject}, parted at the last slash since an issuer may be a URL. */
  private static Matcher requestPrincipal(String value) {
    int slash = value.lastIndexOf('/');
    String issuer = slash < 0 ? value : value.substring(0, slash);
    String subject = slash < 0 ? "" : value.substring(slash + 1);
    StringMatch any = new StringMatch.NonEmpty();
    if (value.equals("*")) {
      return issuerAndSubject(any, any);
    }
    if (value.startsWith("*")) {
      return slash < 0
          ? issuerAndSubject(any, new StringMatch.Suffix(value.substring(1), false))
          : issuerAndSubject(
              issuer.equals("*") ? any : new StringMatch.Suffix(issuer.substring(1), false),
              new StringMatch.Exact(subject, false));
    }
    if (value.endsWith("*")) {
      return slash < 0
          ? issuerAndSubject(withoutStar(value), any)
          : issuerAndSubject(
              new StringMatch.Exact(issuer, false),
              subject.equals("*") ? any : withoutStar(subject));
    }
    return issuerAndSubject(
        new StringMatch.Exact(issuer, false), new StringMatch.Exact(subject, false));
  }

  private static StringMatch withoutStar(String prefix) {
    return new StringMatch.Prefix(prefix.substring(0, prefix.length() - 1), false);
  }

  private static Matcher issuerAndSubject(StringMatch issuer, StringMatch subject) {
    return new Matcher.And(
        List.of(
            new Matcher.Claim(List.of("iss"), issuer), new Matcher.Claim(List.of("sub"), subject)));
  }
}
