package io.selvage.proxy.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.selvage.proxy.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Texts where a token is expected: read or refused with a reason, read as nimbus reads it, and
 * believed only when what was signed is what the issuer has signed.
 */
public final class TokenTarget implements FuzzTarget {
  private final List<String> good = new ArrayList<>();
  private final Set<String> signed = new TreeSet<>();
  private final KeySet keys;

  /** With an issuer of its own. */
  public TokenTarget() {
    try {
      Tokens issuer = new Tokens();
      for (Map<String, Object> claims :
          List.of(
              Tokens.claims(),
              Tokens.claims("aud", List.of("a", "b")),
              Tokens.claims("realm", Map.of("roles", List.of("x", 1))),
              Tokens.claims("nbf", 1))) {
        good.add(issuer.rs256(claims));
        good.add(issuer.es256(claims));
      }
      keys = KeySet.parse(Tokens.ISSUER, issuer.jwks());
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    good.forEach(token -> signed.add(token.substring(0, token.lastIndexOf('.'))));
  }

  @Override
  public String name() {
    return "jwt";
  }

  @Override
  public List<byte[]> seeds() {
    List<String> seeds = new ArrayList<>(good);
    seeds.add(encoded("{\"alg\":\"none\"}") + "." + encoded("{\"iss\":\"a\"}") + ".");
    seeds.add(encoded("{\"alg\":\"HS256\",\"kid\":\"r1\"}") + "." + encoded("{}") + ".AAAA");
    seeds.add(encoded("{\"alg\":\"ES256\",\"jwk\":{}}") + "." + encoded("{\"exp\":1e99}") + ".A");
    seeds.add(encoded("{\"alg\":\"RS256\",\"crit\":[]}") + "." + encoded("[]") + ".A");
    return seeds.stream().map(FuzzTarget::bytes).toList();
  }

  @Override
  public List<String> words() {
    return List.of(
        ".",
        "=",
        encoded("{\"alg\":\"none\"}"),
        encoded("{\"alg\":\"RS256\"}"),
        encoded("{\"alg\":\"ES256\",\"kid\":\"e1\"}"),
        encoded("{\"iss\":\"https://issuer.example\",\"iss\":\"b\"}"),
        encoded("{\"exp\":-1}"),
        encoded("{\"aud\":[1]}"));
  }

  private static String encoded(String json) {
    return java.util.Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void run(byte[] input) {
    String text = FuzzTarget.text(input);
    Token token;
    try {
      token = Token.parse(text);
    } catch (Token.Unreadable e) {
      assertThat(e.status()).isNotEqualTo(JwtStatus.OK);
      return;
    }
    assertThat(KeySet.ALGORITHMS).contains(token.header().getAlgorithm());
    assertThat(token.signed() + "." + token.signature()).isEqualTo(text);
    if (keys.verify(token) == JwtStatus.OK) {
      assertThat(signed).contains(token.signed());
    }
    assertAsNimbus(token, text);
  }

  private static void assertAsNimbus(Token token, String text) {
    JWTClaimsSet theirs;
    try {
      SignedJWT parsed = SignedJWT.parse(text);
      assertThat(parsed.getHeader().getAlgorithm()).isEqualTo(token.header().getAlgorithm());
      assertThat(parsed.getHeader().getKeyID()).isEqualTo(token.header().getKeyID());
      theirs = parsed.getJWTClaimsSet();
    } catch (ParseException e) {
      return; // refused by them alone: its signature decides
    }
    assertThat(theirs.getIssuer() == null ? "" : theirs.getIssuer()).isEqualTo(token.issuer());
    assertThat(theirs.getSubject() == null ? "" : theirs.getSubject()).isEqualTo(token.subject());
    assertThat(theirs.getAudience()).isEqualTo(token.audiences());
  }
}
