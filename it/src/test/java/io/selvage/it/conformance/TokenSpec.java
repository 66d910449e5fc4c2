package io.selvage.it.conformance;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A token that the client sends.
 *
 * @param claims the payload; {@code exp}, {@code nbf} and {@code iat} are seconds as they stand
 * @param key {@code rsa-1}, {@code ec-1} or {@code rsa-2}
 * @param alg of the header; {@code none} has no signature
 * @param kid of the header; the key's own name when left out, none when null
 * @param in where it stands
 * @param raw the token's text, in place of all of that
 */
record TokenSpec(
    Optional<JsonNode> claims,
    Optional<String> key,
    Optional<String> alg,
    Optional<String> kid,
    @JsonProperty("in") Optional<Place> in,
    Optional<String> raw) {

  Place place() {
    return in.orElse(Place.AUTHORIZATION);
  }

  /** Where a token stands in a request. */
  sealed interface Place {
    /** {@code Authorization: Bearer}. */
    Place AUTHORIZATION = new InHeader("Authorization", "Bearer ", "");

    /** The request with the token in it. */
    Request put(Request request, String token);

    /** Names are in small letters in HTTP/2 (RFC 9113 8.2.1). */
    static String cased(Request request, String name) {
      return request.protocol() == Request.Protocol.HTTP2 ? name.toLowerCase(Locale.ROOT) : name;
    }

    private static String text(@Nullable JsonNode node) {
      return node == null ? "" : node.asString();
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Place of(JsonNode node) {
      if (node.isString()) {
        if (node.asString().equals("authorization")) {
          return AUTHORIZATION;
        }
      } else if (node.isObject()) {
        Map<String, JsonNode> fields =
            node.properties().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        JsonNode prefix = fields.remove("prefix");
        JsonNode behind = fields.remove("behind");
        JsonNode header = fields.get("header");
        JsonNode param = fields.get("param");
        JsonNode cookie = fields.get("cookie");
        if (fields.size() == 1) {
          if (header != null) {
            return new InHeader(header.asString(), text(prefix), text(behind));
          }
          if (param != null && prefix == null && behind == null) {
            return new InParam(param.asString());
          }
          if (cookie != null && prefix == null && behind == null) {
            return new InCookie(cookie.asString());
          }
        }
      }
      throw new IllegalArgumentException(
          "\"in\" is \"authorization\", {header, prefix, behind}, {param} or {cookie}, not "
              + node);
    }
  }

  /** In a header, between a prefix and what stands behind it. */
  record InHeader(String name, String prefix, String behind) implements Place {
    @Override
    public Request put(Request request, String token) {
      return request.withHeader(Place.cased(request, name), prefix + token + behind);
    }
  }

  /** In the query. */
  record InParam(String name) implements Place {
    @Override
    public Request put(Request request, String token) {
      String joint = request.path().contains("?") ? "&" : "?";
      return request.withPath(
          request.path() + joint + name + "=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
    }
  }

  /** In a cookie. */
  record InCookie(String name) implements Place {
    @Override
    public Request put(Request request, String token) {
      return request.withHeader(Place.cased(request, "Cookie"), name + "=" + token);
    }
  }
}
