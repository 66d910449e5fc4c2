package io.selvage.proxy.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeadWriter;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.xds.resource.HttpFilter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Istio's RequestAuthentication, status by status. */
class JwtAuthenticationTest {
  private static Tokens tokens;
  private static RSAKey otherKey;
  private Instant now = Instant.ofEpochSecond(Tokens.NOW);

  @BeforeAll
  static void makeKeys() throws Exception {
    tokens = new Tokens();
    otherKey = new RSAKeyGenerator(2048).keyID("r1").generate();
  }

  // ---- golden statuses

  @Test
  void aValidTokenGivesThePrincipalAndTheClaims() throws Exception {
    JwtOutcome outcome = authenticate(rule(), bearer(tokens.rs256(Tokens.claims())));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            JwtOutcome.Valid.class,
            valid -> {
              assertThat(valid.principal()).isEqualTo(Tokens.ISSUER + "/alice");
              assertThat(valid.claims().get("sub")).isEqualTo("alice");
              assertThat(valid.provider()).isEqualTo("origins-0");
            });
  }

  @Test
  void noTokenPassesWithoutPrincipal() {
    assertThat(authenticate(rule(), get(""))).isInstanceOf(JwtOutcome.NoToken.class);
  }

  @Test
  void anExpiredTokenIs401WithAChallenge() throws Exception {
    String token = tokens.rs256(Tokens.claims("exp", Tokens.NOW - 61));
    JwtOutcome outcome = authenticate(rule(), bearer(token));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            JwtOutcome.Refused.class,
            refused -> {
              assertThat(refused.httpStatus()).isEqualTo(401);
              assertThat(refused.body()).isEqualTo("Jwt is expired");
              assertThat(refused.details()).isEqualTo("jwt_authn_access_denied{Jwt_is_expired}");
              assertThat(refused.wwwAuthenticate())
                  .isEqualTo("Bearer realm=\"http://a.example/x?q=1\", error=\"invalid_token\"");
            });
  }

  @Test
  void aWrongAudienceIs403() throws Exception {
    Rule rule = rule().audiences("payments");
    assertRefused(
        rule, tokens.rs256(Tokens.claims("aud", "other")), 403, "Audiences in Jwt are not allowed");
    assertRefused(rule, tokens.rs256(Tokens.claims()), 403, "Audiences in Jwt are not allowed");
    assertValid(rule, tokens.rs256(Tokens.claims("aud", List.of("x", "https://payments/"))));
  }

  @Test
  void anUnusableKeySetRefusesEveryTokenAndPassesNone() throws Exception {
    String token = tokens.rs256(Tokens.claims());
    for (String jwks : List.of("", "{", "{\"keys\":[]}", "null", "{\"keys\":[{\"kty\":\"x\"}]}")) {
      Rule rule = rule().jwks(jwks);
      assertRefused(rule, token, 401, "Jwks doesn't have any valid public key");
      assertThat(authenticate(rule, get(""))).isInstanceOf(JwtOutcome.NoToken.class);
    }
  }

  @Test
  void theControlPlanesPlaceholderKeyNeverMatches() throws Exception {
    String n =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                "Error-IstiodFailedToFetchJwksUri-https://x".getBytes(StandardCharsets.UTF_8));
    String jwks =
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"abc\",\"e\":\"AQAB\",\"n\":\"" + n + "\"}]}";
    assertRefused(
        rule().jwks(jwks),
        tokens.rs256(Tokens.claims()),
        401,
        "Jwks doesn't have any valid public key");
  }

  @Test
  void aCorsPreflightPassesAlsoWithAnExpiredToken() throws Exception {
    String token = tokens.rs256(Tokens.claims("exp", 1));
    String preflight =
        "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: x\r\nAccess-Control-Request-Method: GET\r\n";
    HeadBuffer head = parsed(preflight + "Authorization: Bearer " + token + "\r\n\r\n");
    assertThat(authenticate(rule(), head)).isInstanceOf(JwtOutcome.NoToken.class);
  }

  @Test
  void aMalformedPreflightIsNoPreflight() throws Exception {
    String token = tokens.rs256(Tokens.claims("exp", 1));
    for (String start :
        List.of(
            "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: x\r\n",
            "OPTIONS / HTTP/1.1\r\nHost: a\r\nAccess-Control-Request-Method: GET\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nOrigin: x\r\nAccess-Control-Request-Method: GET\r\n")) {
      HeadBuffer head = parsed(start + "Authorization: Bearer " + token + "\r\n\r\n");
      assertThat(authenticate(rule(), head)).isInstanceOf(JwtOutcome.Refused.class);
    }
  }

  @Test
  void whatStandsBehindATokenIsPartOfIt() throws Exception {
    String token = tokens.rs256(Tokens.claims());
    for (String behind : List.of(",Bearer x", " x", ";x", ", " + token)) {
      assertThat(authenticate(rule(), bearer(token + behind)))
          .as(behind)
          .isInstanceOf(JwtOutcome.Refused.class);
      assertThat(
              authenticate(
                  rule().header("x-token", ""), get("X-Token: " + token + behind + "\r\n")))
          .isInstanceOf(JwtOutcome.Refused.class);
    }
    assertThat(authenticate(rule(), bearer("  " + token))).isInstanceOf(JwtOutcome.Valid.class);
  }

  @Test
  void aRuleWithoutIssuerIsForTokensOfAnyWhoseKeysItHas() throws Exception {
    Rule any = rule().issuer("");
    assertThat(authenticate(any, bearer(tokens.rs256(Tokens.claims("iss", "https://other")))))
        .isInstanceOfSatisfying(
            JwtOutcome.Valid.class,
            valid -> assertThat(valid.principal()).startsWith("https://other/"));
    assertRefused(
        any.jwks(new Tokens().jwks()),
        tokens.rs256(Tokens.claims("iss", "https://other")),
        401,
        "Jwt verification fails");
  }

  @Test
  void aTokenInAPlaceThatIsNotListedIsNotSeen() throws Exception {
    String token = tokens.rs256(Tokens.claims());
    Rule rule = rule().header("x-token", "");
    assertThat(authenticate(rule, bearer(token))).isInstanceOf(JwtOutcome.NoToken.class);
    assertThat(authenticate(rule, query("access_token=" + token)))
        .isInstanceOf(JwtOutcome.NoToken.class);
    assertThat(authenticate(rule, get("X-Token: " + token + "\r\n")))
        .isInstanceOf(JwtOutcome.Valid.class);
  }

  @Test
  void severalRulesCombine() throws Exception {
    Rule first = rule();
    Rule second = rule().issuer("https://second").name("origins-1").header("x-second", "");
    JwtAuthentication both = compile(first, second);
    String one = tokens.rs256(Tokens.claims());
    String two = tokens.rs256(Tokens.claims("iss", "https://second"));
    assertThat(authenticate(both, bearer(one))).isInstanceOf(JwtOutcome.Valid.class);
    assertThat(authenticate(both, get("X-Second: " + two + "\r\n")))
        .isInstanceOf(JwtOutcome.Valid.class);
    assertThat(authenticate(both, get(""))).isInstanceOf(JwtOutcome.NoToken.class);
    assertThat(refusal(authenticate(both, bearer(two)))).isEqualTo("Jwt issuer is not configured");
    String expired = tokens.rs256(Tokens.claims("exp", 1));
    assertThat(refusal(authenticate(both, bearer(expired)))).isEqualTo("Jwt is expired");
  }

  // ---- what makes a token bad

  @Test
  void eachDefectHasItsOwnText() throws Exception {
    Map<String, String> defects = new LinkedHashMap<>();
    String form = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";
    String good = tokens.rs256(Tokens.claims());
    String[] parts = good.split("\\.", -1);
    defects.put("abc", form);
    defects.put("a.b", form);
    defects.put("a.b.c.d", form);
    defects.put("a." + parts[1] + "." + parts[2], "Jwt header is an invalid Base64url encoded");
    defects.put(encoded("[]") + ".e30.AA", "Jwt header is an invalid JSON");
    defects.put(
        encoded("{}") + ".e30.AA", "Jwt header [alg] field is required and must be a string");
    defects.put(encoded("{\"alg\":\"none\"}") + ".e30.AA", "Jwt header [alg] is not supported");
    defects.put(encoded("{\"alg\":\"nOnE\"}") + ".e30.AA", "Jwt header [alg] is not supported");
    defects.put(
        encoded("{\"alg\":\"RS256\",\"kid\":1}") + ".e30.AA",
        "Jwt header [kid] field is not a string");
    defects.put(
        encoded("{\"alg\":\"RS256\",\"alg\":\"ES256\"}") + ".e30.AA",
        "Jwt header is an invalid JSON");
    defects.put(
        encoded("{\"alg\":\"RS256\",\"crit\":[\"x\"]}") + ".e30.AA", "Jwt verification fails");
    defects.put(parts[0] + ".." + parts[2], "Jwt payload is an invalid Base64url encoded");
    defects.put(parts[0] + "." + encoded("1") + ".AA", "Jwt payload is an invalid JSON");
    defects.put(
        parts[0] + "." + encoded("{\"iss\":1}") + ".AA", "Jwt payload [iss] field is not a string");
    defects.put(
        parts[0] + "." + encoded("{\"exp\":\"1\"}") + ".AA",
        "Jwt payload [exp] field is not an integer");
    defects.put(
        parts[0] + "." + encoded("{\"aud\":[1]}") + ".AA",
        "Jwt payload [aud] field is not a string or string list");
    defects.put(parts[0] + "." + parts[1] + ".", "Jwt signature is an invalid Base64url encoded");
    defects.put(
        parts[0] + "." + encoded("{\"iss\":\"" + Tokens.ISSUER + "\"}") + "." + parts[2],
        "Jwt verification fails");
    for (Map.Entry<String, String> defect : defects.entrySet()) {
      assertRefused(rule(), defect.getKey(), 401, defect.getValue());
    }
  }

  @Test
  void aTokenFromAnotherIssuerIsRefused() throws Exception {
    assertRefused(
        rule(), tokens.rs256(Tokens.claims("iss", "x")), 401, "Jwt issuer is not configured");
  }

  @Test
  void theClockMayBeOffByAMinute() throws Exception {
    assertValid(rule(), tokens.rs256(Tokens.claims("exp", Tokens.NOW - 60)));
    assertValid(rule(), tokens.rs256(Tokens.claims("nbf", Tokens.NOW + 60)));
    assertRefused(
        rule(), tokens.rs256(Tokens.claims("nbf", Tokens.NOW + 61)), 401, "Jwt not yet valid");
  }

  @Test
  void aSignatureByAnotherKeyIsRefused() throws Exception {
    String forged =
        Tokens.sign(
            Tokens.header(JWSAlgorithm.RS256, "r1"), new RSASSASigner(otherKey), Tokens.claims());
    assertRefused(rule(), forged, 401, "Jwt verification fails");
  }

  @Test
  void aKeyIdOrAlgorithmThatNoKeyHasIsRefused() throws Exception {
    String otherId =
        Tokens.sign(
            Tokens.header(JWSAlgorithm.RS256, "zz"), new RSASSASigner(tokens.rsa), Tokens.claims());
    String text = "Jwks doesn't have key to match kid or alg from Jwt";
    assertRefused(rule(), otherId, 401, text);
    String ecId =
        Tokens.sign(
            Tokens.header(JWSAlgorithm.RS256, "e1"), new RSASSASigner(tokens.rsa), Tokens.claims());
    assertRefused(rule(), ecId, 401, text);
  }

  @Test
  void aPublicKeyIsNeverTakenForASharedSecret() throws Exception {
    String confused =
        Tokens.sign(
            Tokens.header(JWSAlgorithm.HS256, "r1"),
            new MACSigner(tokens.rsa.toRSAPublicKey().getEncoded()),
            Tokens.claims());
    assertRefused(rule(), confused, 401, "Jwt header [alg] is not supported");
  }

  @Test
  void otherFamiliesOfSignaturesHold() throws Exception {
    assertValid(rule(), tokens.es256(Tokens.claims()));
    String pss =
        Tokens.sign(
            Tokens.header(JWSAlgorithm.PS384, "r1"), new RSASSASigner(tokens.rsa), Tokens.claims());
    assertValid(rule(), pss);
  }

  @Test
  void ed25519Holds() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    String jwk =
        new OctetKeyPair.Builder(com.nimbusds.jose.jwk.Curve.Ed25519, Base64URL.encode(point))
            .build()
            .toJSONString();
    String payload = encoded("{\"iss\":\"" + Tokens.ISSUER + "\",\"sub\":\"a\"}");
    String signed = encoded("{\"alg\":\"EdDSA\"}") + "." + payload;
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    String token = signed + "." + Base64URL.encode(signature.sign());
    Rule rule = rule().jwks("{\"keys\":[" + jwk + "]}");
    assertValid(rule, token);
    String tampered =
        token.substring(0, token.length() - 6) + "AAAA" + token.substring(token.length() - 2);
    assertRefused(rule, tampered, 401, "Jwt verification fails");
  }

  @Test
  void everyValueOfOneHeaderMustHold() throws Exception {
    String good = tokens.rs256(Tokens.claims());
    String bad = tokens.rs256(Tokens.claims("exp", 1));
    HeadBuffer head =
        get("Authorization: Bearer " + good + "\r\nAuthorization: Bearer " + bad + "\r\n");
    assertThat(refusal(authenticate(rule(), head))).isEqualTo("Jwt is expired");
  }

  @Test
  void aTokenInOnePlaceDoesNotMakeUpForABadOneInAnother() throws Exception {
    String good = tokens.rs256(Tokens.claims());
    String bad = tokens.rs256(Tokens.claims("exp", 1));
    String both =
        "GET /x?access_token=%s HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer %s\r\n\r\n";
    assertThat(refusal(authenticate(rule(), parsed(both.formatted(good, bad)))))
        .isEqualTo("Jwt is expired");
    assertThat(refusal(authenticate(rule(), parsed(both.formatted(bad, good)))))
        .isEqualTo("Jwt is expired");
    assertThat(authenticate(rule(), parsed(both.formatted(good, good))))
        .isInstanceOf(JwtOutcome.Valid.class);
  }

  // ---- what goes on to the application

  @Test
  void theTokenIsTakenOutUnlessItIsForwarded() throws Exception {
    String token = tokens.rs256(Tokens.claims());
    HeadBuffer head = bearer(token);
    authenticate(rule(), head);
    assertThat(forwarded(head)).doesNotContain("authorization");
    HeadBuffer kept = bearer(token);
    authenticate(rule().forward(), kept);
    assertThat(forwarded(kept)).contains("authorization: Bearer " + token);
    HeadBuffer inQuery = query("a=1&access_token=" + token + "&b=2");
    authenticate(rule(), inQuery);
    assertThat(forwarded(inQuery)).startsWith("GET /x?a=1&b=2 HTTP/1.1\r\n");
    HeadBuffer inCookie = get("Cookie: a=1; session=" + token + "; b=2\r\n");
    assertThat(authenticate(rule().cookie("session"), inCookie))
        .isInstanceOf(JwtOutcome.Valid.class);
    assertThat(forwarded(inCookie)).contains("cookie: a=1; b=2\r\n");
  }

  @Test
  void claimsGoIntoTheirHeaders() throws Exception {
    Map<String, Object> claims = Tokens.claims("nested", Map.of("n", 7));
    claims.put("admin", true);
    claims.put("roles", List.of("a"));
    claims.put("evil", "a\r\nx: y");
    HeadBuffer head = bearer(tokens.rs256(claims));
    Rule rule =
        rule()
            .claim("X-Sub", "sub")
            .claim("x-n", "nested.n")
            .claim("x-admin", "admin")
            .claim("x-roles", "roles")
            .claim("x-evil", "evil")
            .claim("x-none", "none")
            .payload("x-payload");
    authenticate(rule, head);
    assertThat(forwarded(head))
        .contains("x-sub: alice\r\n", "x-n: 7\r\n", "x-admin: true\r\n", "x-roles: WyJhIl0\r\n")
        .containsPattern("x-payload: [\\w-]+\r\n")
        .doesNotContain("x-evil", "x-none");
  }

  @Test
  void outputHeadersThatTheClientSetAreRemovedWhateverComesOut() throws Exception {
    Rule rule = rule().claim("x-sub", "sub").payload("x-payload");
    String spoofed = "X-Sub: root\r\nX-PAYLOAD: abc\r\n";
    HeadBuffer without = get(spoofed);
    authenticate(rule, without);
    assertThat(forwarded(without)).doesNotContain("x-sub", "x-payload");
    HeadBuffer preflight =
        parsed(
            "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: x\r\nAccess-Control-Request-Method: GET\r\n"
                + spoofed
                + "\r\n");
    authenticate(rule, preflight);
    assertThat(forwarded(preflight)).doesNotContain("x-sub", "x-payload");
    HeadBuffer with =
        get(spoofed + "Authorization: Bearer " + tokens.rs256(Tokens.claims()) + "\r\n");
    authenticate(rule, with);
    assertThat(forwarded(with)).contains("x-sub: alice").doesNotContain("root");
  }

  @Test
  void spaceDelimitedClaimsAreLists() throws Exception {
    Map<String, Object> claims = Tokens.claims("scope", "read write");
    claims.put("permission", "one");
    claims.put("groups", "a b");
    claims.put("plain", "a b");
    JwtOutcome outcome =
        authenticate(rule().spaceDelimited("groups"), bearer(tokens.rs256(claims)));
    assertThat(((JwtOutcome.Valid) outcome).claims())
        .satisfies(
            found -> {
              assertThat(found.get("scope")).isEqualTo(List.of("read", "write"));
              assertThat(found.get("permission")).isEqualTo(List.of("one"));
              assertThat(found.get("groups")).isEqualTo(List.of("a", "b"));
              assertThat(found.get("plain")).isEqualTo("a b");
            });
  }

  @Test
  void aTokenThatIsRememberedStillExpires() throws Exception {
    JwtAuthentication authentication = compile(rule());
    String token = tokens.rs256(Tokens.claims());
    assertThat(authenticate(authentication, bearer(token))).isInstanceOf(JwtOutcome.Valid.class);
    JwtOutcome again = authenticate(authentication, bearer(token));
    assertThat(again).isInstanceOf(JwtOutcome.Valid.class);
    now = Instant.ofEpochSecond(Tokens.NOW + 361);
    assertThat(refusal(authenticate(authentication, bearer(token)))).isEqualTo("Jwt is expired");
  }

  // ---- fixtures

  private void assertValid(Rule rule, String token) {
    assertThat(authenticate(rule, bearer(token))).isInstanceOf(JwtOutcome.Valid.class);
  }

  private void assertRefused(Rule rule, String token, int status, String text) {
    JwtOutcome outcome = authenticate(rule, bearer(token));
    assertThat(outcome)
        .as(token)
        .isInstanceOfSatisfying(
            JwtOutcome.Refused.class,
            refused -> {
              assertThat(refused.httpStatus()).isEqualTo(status);
              assertThat(refused.body()).isEqualTo(text);
            });
  }

  private static String refusal(JwtOutcome outcome) {
    return ((JwtOutcome.Refused) outcome).body();
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static Rule rule() {
    return new Rule(
        new HttpFilter.Provider(
            "origins-0",
            Tokens.ISSUER,
            List.of(),
            tokens.jwks(),
            List.of(),
            List.of(),
            List.of(),
            false,
            Optional.empty(),
            Map.of(),
            List.of(),
            Duration.ofSeconds(60)));
  }

  private JwtAuthentication compile(Rule... rules) {
    List<HttpFilter.Provider> providers = Arrays.stream(rules).map(Rule::provider).toList();
    return JwtAuthentication.compile(new HttpFilter.JwtAuthentication(providers, true), () -> now);
  }

  private JwtOutcome authenticate(Rule rule, HeadBuffer head) {
    return authenticate(compile(rule), head);
  }

  private static JwtOutcome authenticate(JwtAuthentication authentication, HeadBuffer head) {
    return authentication.authenticate(new Http1JwtRequest(head, "http"));
  }

  private static HeadBuffer bearer(String token) {
    return get("Authorization: Bearer " + token + "\r\n");
  }

  private static HeadBuffer get(String headers) {
    return parsed("GET /x?q=1 HTTP/1.1\r\nHost: a.example\r\n" + headers + "\r\n");
  }

  private static HeadBuffer query(String query) {
    return parsed("GET /x?" + query + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
  }

  private static HeadBuffer parsed(String text) {
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    assertThat(parser.parse(in)).isEqualTo(ParseStatus.COMPLETE);
    return parser.head();
  }

  private static String forwarded(HeadBuffer head) {
    ByteBuf out = Unpooled.buffer();
    HeadWriter.writeRequest(head, out);
    return out.toString(StandardCharsets.ISO_8859_1);
  }
}
