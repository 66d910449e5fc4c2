package io.selvage.proxy.jwt;

import io.selvage.xds.resource.HttpFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** One issuer rule, ready to check tokens. */
final class JwtProvider {
  private static final List<String> SPACE_DELIMITED = List.of("scope", "permission");

  /**
   * A token that holds until its time is over.
   *
   * @param outcome what the request gets
   * @param headers what goes to the application, by lower-case name
   * @param notBefore seconds since 1970
   * @param expiry seconds since 1970
   */
  record GoodToken(
      JwtOutcome.Valid outcome, Map<String, String> headers, long notBefore, long expiry) {}

  /**
   * How the check of all of a request's tokens for this provider ended.
   *
   * @param status OK, MISSING, or why it is refused
   * @param verified for OK
   */
  record TokenCheck(JwtStatus status, @Nullable GoodToken verified) {
    static final TokenCheck MISSING = new TokenCheck(JwtStatus.MISSING, null);
  }

  private final HttpFilter.Provider config;
  private final TokenLocations locations;
  private final KeySet keys;
  private final long skewSeconds;
  private final VerifiedTokens verified = new VerifiedTokens();
  private final Map<String, String> claimHeaders = new LinkedHashMap<>();
  private final @Nullable String payloadHeader;

  JwtProvider(HttpFilter.Provider config) {
    this.config = config;
    this.locations = TokenLocations.of(config);
    this.keys = KeySet.parse(config.issuer(), config.jwks());
    this.skewSeconds = config.clockSkew().toSeconds();
    this.payloadHeader =
        config.payloadHeader().map(name -> name.toLowerCase(Locale.ROOT)).orElse(null);
    config
        .claimHeaders()
        .forEach((header, claim) -> claimHeaders.put(header.toLowerCase(Locale.ROOT), claim));
  }

  /** The headers that only this rule may set. */
  List<String> outputHeaders() {
    List<String> names = new ArrayList<>(claimHeaders.keySet());
    if (payloadHeader != null) {
      names.add(payloadHeader);
    }
    return names;
  }

  TokenLocations locations() {
    return locations;
  }

  /**
   * Checks the tokens that were found, by location. All values of one location must hold, since the
   * application may read another of them than we; of several locations one suffices, where others
   * may hold tokens of other issuers.
   */
  TokenCheck check(List<List<String>> found, long nowSeconds) {
    TokenCheck last = TokenCheck.MISSING;
    for (List<String> location : found) {
      last = checkAll(location, nowSeconds);
      if (last.status == JwtStatus.OK) {
        return last;
      }
    }
    return last;
  }

  private TokenCheck checkAll(List<String> tokens, long nowSeconds) {
    TokenCheck first = check(tokens.getFirst(), nowSeconds);
    for (String token : tokens.subList(1, tokens.size())) {
      TokenCheck check = check(token, nowSeconds);
      if (check.status != JwtStatus.OK) {
        return check;
      }
    }
    return first;
  }

  /** Checks one token. */
  TokenCheck check(String text, long nowSeconds) {
    byte[] digest = verified.digest(text);
    GoodToken known = verified.find(digest);
    if (known != null) {
      return new TokenCheck(time(known.notBefore, known.expiry, nowSeconds), known);
    }
    try {
      Token token = Token.parse(text);
      JwtStatus status = verify(token, nowSeconds);
      if (status != JwtStatus.OK) {
        return new TokenCheck(status, null);
      }
      GoodToken good = verified(token);
      verified.add(digest, good);
      return new TokenCheck(JwtStatus.OK, good);
    } catch (Token.Unreadable e) {
      return new TokenCheck(e.status(), null);
    }
  }

  /** In Envoy's order, which decides what the client is told. */
  private JwtStatus verify(Token token, long nowSeconds) {
    // "If a specified issuer is empty, it means to allow all issuers", as Envoy has it.
    if (!config.issuer().isEmpty() && !token.issuer().equals(config.issuer())) {
      return JwtStatus.UNKNOWN_ISSUER;
    }
    JwtStatus time = time(token.notBefore(), token.expiry(), nowSeconds);
    if (time != JwtStatus.OK) {
      return time;
    }
    return isAudience(token.audiences()) ? keys.verify(token) : JwtStatus.AUDIENCE_NOT_ALLOWED;
  }

  private JwtStatus time(long notBefore, long expiry, long nowSeconds) {
    if (notBefore - skewSeconds > nowSeconds) {
      return JwtStatus.NOT_YET_VALID;
    }
    return expiry < nowSeconds - skewSeconds ? JwtStatus.EXPIRED : JwtStatus.OK;
  }

  private boolean isAudience(List<String> audiences) {
    if (config.audiences().isEmpty()) {
      return true;
    }
    for (String audience : audiences) {
      for (String wanted : config.audiences()) {
        if (bare(audience).equals(bare(wanted))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Audiences are compared without scheme and last slash, as Envoy does. */
  private static String bare(String audience) {
    String text = audience;
    if (text.startsWith("https://")) {
      text = text.substring("https://".length());
    } else if (text.startsWith("http://")) {
      text = text.substring("http://".length());
    }
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private GoodToken verified(Token token) {
    Map<String, Object> claims = new LinkedHashMap<>(token.claims());
    TreeSet<String> delimited = new TreeSet<>(SPACE_DELIMITED);
    delimited.addAll(config.spaceDelimitedClaims());
    for (String name : delimited) {
      if (claims.get(name) instanceof String text) {
        claims.put(name, List.of(text.strip().split(" +", -1)));
      }
    }
    String principal = token.issuer() + "/" + token.subject();
    return new GoodToken(
        new JwtOutcome.Valid(Collections.unmodifiableMap(claims), principal, config.name()),
        headers(token),
        token.notBefore(),
        token.expiry());
  }

  private Map<String, String> headers(Token token) {
    Map<String, String> headers = new LinkedHashMap<>();
    claimHeaders.forEach(
        (header, claim) -> {
          String value = text(at(token.claims(), claim));
          if (value != null && value.chars().noneMatch(c -> c < 0x20 || c == 0x7f)) {
            headers.put(header, value);
          }
        });
    if (payloadHeader != null) {
      headers.put(payloadHeader, token.payload());
    }
    return Collections.unmodifiableMap(headers);
  }

  /** A claim by its name, or by a path with dots. */
  private static @Nullable Object at(Map<?, ?> claims, String path) {
    Object whole = claims.get(path);
    int dot = path.indexOf('.');
    if (whole != null || dot < 0) {
      return whole;
    }
    return claims.get(path.substring(0, dot)) instanceof Map<?, ?> inner
        ? at(inner, path.substring(dot + 1))
        : null;
  }

  /** Text, numbers and booleans as they are; lists and objects as JSON in base64url. */
  private static @Nullable String text(@Nullable Object claim) {
    return switch (claim) {
      case null -> null;
      case String text -> text;
      case Number number -> number.toString();
      case Boolean value -> value.toString();
      default ->
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(
                  JsonMapper.shared().writeValueAsString(claim).getBytes(StandardCharsets.UTF_8));
    };
  }

  /** Passes a good token's headers on, and takes the token out unless it is to stay. */
  void forward(JwtRequest request, GoodToken good) {
    if (!config.forward()) {
      locations.remove(request);
    }
    good.headers().forEach(request::addHeader);
  }
}
