package io.selvage.it.conformance;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.RequestAuthentication.JwtRule;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * RequestAuthentication as Istio documents it: every rule of every policy that selects the workload
 * is tried, one that holds is enough, no token at all is no principal, and a token that holds under
 * no rule is refused.
 */
final class TokenRules {
  /** Envoy's allowance on {@code exp} and {@code nbf}. */
  private static final Duration SKEW = Duration.ofSeconds(60);

  /** Envoy's words, from the one that tells least of a token. */
  private enum Fault {
    UNKNOWN_ISSUER(401, "Jwt issuer is not configured"),
    MALFORMED(
        401, "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"),
    UNREADABLE(401, ""),
    SUBJECT(401, "Jwt payload [sub] field is not a string"),
    NOT_YET(401, "Jwt not yet valid"),
    EXPIRED(401, "Jwt is expired"),
    AUDIENCE(403, "Audiences in Jwt are not allowed"),
    NO_KEY(401, "Jwks doesn't have key to match kid or alg from Jwt"),
    SIGNATURE(401, "Jwt verification fails");

    final int status;
    final String body;

    Fault(int status, String body) {
      this.status = status;
      this.body = body;
    }
  }

  /**
   * What came of a request's tokens.
   *
   * @param refused the answer, when there is one
   * @param claims of the token that holds
   * @param by the rule under which it does
   */
  record Result(
      Optional<Outcome> refused, Optional<Map<String, Object>> claims, Optional<JwtRule> by) {
    static final Result NO_TOKEN = new Result(Optional.empty(), Optional.empty(), Optional.empty());

    /** The target without the token, unless the rule leaves it in. */
    String forwarded(String target) {
      String[] parts = target.split("\\?", 2);
      if (by.isEmpty() || by.get().forwardOriginalToken() || parts.length == 1) {
        return target;
      }
      List<String> kept =
          Arrays.stream(parts[1].split("&", -1))
              .filter(pair -> !params(by.get()).contains(pair.split("=", 2)[0]))
              .toList();
      return parts[0] + (kept.isEmpty() ? "" : "?" + String.join("&", kept));
    }
  }

  private final List<JwtRule> rules;
  private final InstantSource clock;

  TokenRules(List<RequestAuthentication> selected, InstantSource clock) {
    this.rules =
        selected.stream()
            .flatMap(each -> each.jwtRules().stream())
            .sorted(Comparator.comparing(JwtRule::issuer))
            .toList();
    this.clock = clock;
  }

  /** Checks a request whose tokens are in it. */
  Result check(Request request) {
    if (isPreflight(request)) {
      return Result.NO_TOKEN;
    }
    List<Fault> faults = new ArrayList<>();
    for (JwtRule rule : rules) {
      Map<String, Object> claims = null;
      boolean good = true;
      for (String token : tokens(rule, request)) {
        try {
          claims = verified(rule, token);
        } catch (Refused e) {
          faults.add(e.fault);
          good = false;
          break;
        }
      }
      if (claims != null && good) {
        return new Result(Optional.empty(), Optional.of(claims), Optional.of(rule));
      }
    }
    if (faults.isEmpty()) {
      return Result.NO_TOKEN;
    }
    return eachByItsOwn(request).orElseGet(() -> refused(faults));
  }

  /** Several tokens, each of another issuer: all hold, the last one tells the principal. */
  private Optional<Result> eachByItsOwn(Request request) {
    Optional<Result> last = Optional.empty();
    for (String token :
        rules.stream().flatMap(rule -> tokens(rule, request).stream()).distinct().toList()) {
      last =
          rules.stream()
              .filter(rule -> tokens(rule, request).contains(token))
              .flatMap(rule -> holding(rule, token).stream())
              .findFirst();
      if (last.isEmpty()) {
        return last;
      }
    }
    return last;
  }

  private Optional<Result> holding(JwtRule rule, String token) {
    try {
      return Optional.of(
          new Result(Optional.empty(), Optional.of(verified(rule, token)), Optional.of(rule)));
    } catch (Refused e) {
      return Optional.empty();
    }
  }

  /** The last failure that says more than that the issuer is another. */
  private static Result refused(List<Fault> faults) {
    Fault told =
        faults.stream()
            .filter(fault -> fault != Fault.UNKNOWN_ISSUER)
            .reduce((first, second) -> second)
            .orElse(Fault.UNKNOWN_ISSUER);
    Outcome answer =
        told.body.isEmpty()
            ? Outcome.refused(told.status)
            : Outcome.refused(told.status, told.body);
    return new Result(Optional.of(answer), Optional.empty(), Optional.empty());
  }

  /** Fetch: an OPTIONS with both headers carries no token. */
  private static boolean isPreflight(Request request) {
    return request.method().equals("OPTIONS")
        && header(request, "origin").stream().anyMatch(value -> !value.isEmpty())
        && header(request, "access-control-request-method").stream()
            .anyMatch(value -> !value.isEmpty());
  }

  private static List<String> header(Request request, String name) {
    return request.headers().stream().filter(each -> each.is(name)).map(Header::value).toList();
  }

  private static boolean standard(JwtRule rule) {
    return rule.fromHeaders().isEmpty()
        && rule.fromParams().isEmpty()
        && rule.fromCookies().isEmpty();
  }

  private static List<String> params(JwtRule rule) {
    return standard(rule) ? List.of("access_token") : rule.fromParams();
  }

  private static List<String> tokens(JwtRule rule, Request request) {
    List<RequestAuthentication.JwtHeader> headers =
        standard(rule)
            ? List.of(new RequestAuthentication.JwtHeader("authorization", "Bearer "))
            : rule.fromHeaders();
    List<String> params = params(rule);
    List<String> found = new ArrayList<>();
    for (var header : headers) {
      for (String value : header(request, header.name())) {
        if (value.startsWith(header.prefix())) {
          found.add(value.substring(header.prefix().length()).strip());
        }
      }
    }
    String[] target = request.path().split("#", 2)[0].split("\\?", 2);
    if (target.length == 2) {
      for (String pair : target[1].split("&", -1)) {
        String[] parts = pair.split("=", 2);
        if (parts.length == 2 && params.contains(parts[0])) {
          found.add(URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
      }
    }
    for (String line : header(request, "cookie")) {
      for (String pair : line.split(";", -1)) {
        String[] parts = pair.strip().split("=", 2);
        if (parts.length == 2 && rule.fromCookies().contains(parts[0])) {
          found.add(parts[1]);
        }
      }
    }
    return found;
  }

  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    final Fault fault;

    Refused(Fault fault) {
      super(fault.name());
      this.fault = fault;
    }
  }

  private Map<String, Object> verified(JwtRule rule, String text) throws Refused {
    if (text.chars().filter(c -> c == '.').count() != 2) {
      throw new Refused(Fault.MALFORMED);
    }
    SignedJWT token;
    JWTClaimsSet claims;
    try {
      token = SignedJWT.parse(text);
      claims = token.getJWTClaimsSet();
    } catch (ParseException | IllegalArgumentException e) {
      throw new Refused(Fault.UNREADABLE);
    }
    Object subject = token.getPayload().toJSONObject().get("sub");
    if (subject != null && !(subject instanceof String)) {
      throw new Refused(Fault.SUBJECT);
    }
    if (!rule.issuer().equals(claims.getIssuer())) {
      throw new Refused(Fault.UNKNOWN_ISSUER);
    }
    inTime(claims);
    if (!rule.audiences().isEmpty()
        && claims.getAudience().stream()
            .noneMatch(
                each -> rule.audiences().stream().anyMatch(own -> bare(own).equals(bare(each))))) {
      throw new Refused(Fault.AUDIENCE);
    }
    signature(rule, token);
    return split(rule, claims);
  }

  private void inTime(JWTClaimsSet claims) throws Refused {
    Instant now = clock.instant();
    Date from = claims.getNotBeforeTime();
    Date until = claims.getExpirationTime();
    if (from != null && now.plus(SKEW).isBefore(from.toInstant())) {
      throw new Refused(Fault.NOT_YET);
    }
    if (until != null && now.minus(SKEW).isAfter(until.toInstant())) {
      throw new Refused(Fault.EXPIRED);
    }
  }

  /** Envoy compares audiences without scheme and last slash. */
  private static String bare(String audience) {
    return audience.replaceFirst("^https?://", "").replaceFirst("/$", "");
  }

  private static void signature(JwtRule rule, SignedJWT token) throws Refused {
    String kid = token.getHeader().getKeyID();
    boolean tried = false;
    try {
      for (JWK key : JWKSet.parse(rule.jwks().orElse("{\"keys\":[]}")).getKeys()) {
        JWSVerifier verifier =
            switch (key) {
              case RSAKey rsa -> new RSASSAVerifier(rsa);
              case ECKey ec -> new ECDSAVerifier(ec);
              default -> null;
            };
        if (verifier != null
            && verifier.supportedJWSAlgorithms().contains(token.getHeader().getAlgorithm())
            && (kid == null || kid.isEmpty() || kid.equals(key.getKeyID()))) {
          tried = true;
          if (token.verify(verifier)) {
            return;
          }
        }
      }
    } catch (ParseException | JOSEException e) {
      throw new Refused(Fault.SIGNATURE);
    }
    throw new Refused(tried ? Fault.SIGNATURE : Fault.NO_KEY);
  }

  private static Map<String, Object> split(JwtRule rule, JWTClaimsSet claims) {
    Map<String, Object> all = new LinkedHashMap<>(claims.toJSONObject());
    List<String> delimited = new ArrayList<>(List.of("scope", "permission"));
    delimited.addAll(rule.spaceDelimitedClaims());
    for (String name : delimited) {
      if (all.get(name) instanceof String text) {
        all.put(name, Arrays.asList(text.strip().split(" +", -1)));
      }
    }
    return all;
  }
}
