package io.selvage.policy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a request has where a policy's field or condition looks, in words for people. */
final class RequestAttribute {
  private static final Set<String> OF_PEER =
      Set.of(
          "principals",
          "source.principal",
          "namespaces",
          "source.namespace",
          "serviceAccounts",
          "source.serviceAccount",
          "trustDomains",
          "source.trustDomain");
  private static final String HEADERS = "request.headers[";
  private static final String CLAIMS = "request.auth.claims[";

  private RequestAttribute() {}

  /** Whether the attribute is part of the peer's identity. */
  static boolean isOfPeer(String attribute) {
    return OF_PEER.contains(attribute);
  }

  /** The value of {@code attribute}, or why there is none. */
  static String describe(String attribute, ConnectionFacts facts, @Nullable RequestView request) {
    if (isOfPeer(attribute)) {
      return facts
          .peerPrincipal()
          .map(uri -> uri.startsWith("spiffe://") ? uri.substring("spiffe://".length()) : uri)
          .map(identity -> ofIdentity(attribute, identity))
          .orElse("absent (plaintext)");
    }
    return switch (attribute) {
      case "ipBlocks", "source.ip" -> facts.sourceAddress().getHostAddress();
      case "destination.ip" -> facts.destinationAddress().getHostAddress();
      case "ports", "destination.port" -> Integer.toString(facts.destinationPort());
      case "connection.sni" -> facts.serverName().orElse("absent");
      case "remoteIpBlocks", "remote.ip" -> {
        InetAddress told = request == null ? null : request.remoteAddress();
        yield Objects.requireNonNullElse(told, facts.sourceAddress()).getHostAddress();
      }
      default -> request == null ? "absent (plain TCP)" : ofRequest(attribute, request);
    };
  }

  /** The part that the attribute looks at; the whole when it isn't {@code td/ns/N/sa/S}. */
  private static String ofIdentity(String attribute, String identity) {
    String[] parts = identity.split("/", -1);
    if (parts.length != 5 || !parts[1].equals("ns") || !parts[3].equals("sa")) {
      return identity;
    }
    return switch (attribute) {
      case "namespaces", "source.namespace" -> parts[2];
      case "serviceAccounts", "source.serviceAccount" -> parts[2] + "/" + parts[4];
      case "trustDomains", "source.trustDomain" -> parts[0];
      default -> identity;
    };
  }

  private static String ofRequest(String attribute, RequestView request) {
    return switch (attribute) {
      case "hosts" -> request.authority().toString();
      case "methods" -> request.method().toString();
      case "paths" -> request.path().toString();
      case "requestPrincipals", "request.auth.principal" ->
          request.claims() == null
              ? "absent (no token)"
              : claim(request, List.of("iss")) + "/" + claim(request, List.of("sub"));
      case "request.auth.audiences" -> claim(request, List.of("aud"));
      case "request.auth.presenter" -> claim(request, List.of("azp"));
      default -> bracketed(attribute, request);
    };
  }

  private static String bracketed(String attribute, RequestView request) {
    if (attribute.startsWith(CLAIMS)) {
      return claim(request, IstioAttribute.claimPath(attribute.substring(CLAIMS.length() - 1)));
    }
    if (attribute.startsWith(HEADERS)) {
      String name =
          attribute.substring(HEADERS.length(), attribute.length() - 1).toLowerCase(Locale.ROOT);
      return switch (name) {
        case ":authority", "host" -> request.authority().toString();
        case ":method" -> request.method().toString();
        default -> header(request, name);
      };
    }
    return "unknown to this proxy";
  }

  private static String header(RequestView request, String name) {
    List<String> values = new ArrayList<>();
    for (ByteSlice value = request.header(name, 0);
        value != null;
        value = request.header(name, values.size())) {
      values.add(value.toString());
    }
    return values.isEmpty() ? "absent" : String.join(",", values);
  }

  private static String claim(RequestView request, List<String> path) {
    if (request.claims() == null) {
      return "absent (no token)";
    }
    Object value = RequestPredicate.Claim.valueAt(request, path);
    return value == null ? "absent" : value.toString();
  }
}
