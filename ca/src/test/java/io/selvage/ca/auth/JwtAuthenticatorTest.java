package io.selvage.ca.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.selvage.ca.MovableClock;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.pki.SpiffeId;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class JwtAuthenticatorTest {
  private static final String ISSUER = "https://kubernetes.default.svc";
  private static final ECKey KEY = key("one");
  private static final Instant NOW = MovableClock.START;
  private static final MovableClock CLOCK = new MovableClock();
  private static final Authenticator AUTHENTICATOR =
      new JwtAuthenticator(
          "KubeJWTAuthenticator",
          new TokenRules(ISSUER, Set.of("istio-ca"), "cluster.local"),
          KeySource.of(new JWKSet(KEY)),
          CLOCK);

  @Test
  void namesTheServiceAccountOfAGoodToken() {
    assertThat(authenticate(signed(claims().build(), KEY)))
        .isEqualTo(
            new Authenticated(
                SpiffeId.workload("cluster.local", "sample", "sleep"), "KubeJWTAuthenticator"));
  }

  @Test
  void acceptsTheOlderPrefix() {
    CallerEvidence evidence =
        new CallerEvidence(
            Optional.of("Istio " + signed(claims().build(), KEY)),
            Optional.empty(),
            List.of(),
            Optional.empty());

    assertThat(AUTHENTICATOR.authenticate(evidence)).isInstanceOf(Authenticated.class);
  }

  @Test
  void tellsBothIssuers() {
    String token = signed(claims().issuer("https://container.googleapis.com/v1/x").build(), KEY);

    assertThat(refused(token, "SLV5001"))
        .contains("https://container.googleapis.com/v1/x")
        .contains(ISSUER);
  }

  @Test
  void tellsBothTimesOfAnExpiredToken() {
    String token = signed(claims().expirationTime(Date.from(NOW.minusSeconds(74))).build(), KEY);

    assertThat(refused(token, "SLV5003"))
        .contains("expired at 2026-03-01T11:58:46Z")
        .contains("2026-03-01T12:00:00Z");
  }

  @Test
  void tellsBothTimesOfATokenFromTheFuture() {
    String token = signed(claims().notBeforeTime(Date.from(NOW.plusSeconds(120))).build(), KEY);

    assertThat(refused(token, "SLV5003")).contains("not valid before 2026-03-01T12:02:00Z");
  }

  @Test
  void refusesATokenWithoutExpiry() {
    assertThat(refused(signed(claims().expirationTime(null).build(), KEY), "SLV5003"))
        .contains("no expiry");
  }

  @Test
  void tellsBothAudiences() {
    String token = signed(claims().audience("https://other").build(), KEY);

    assertThat(refused(token, "SLV5002")).contains("https://other").contains("istio-ca");
    assertThat(refused(signed(claims().audience((String) null).build(), KEY), "SLV5002"))
        .contains("wrong audience");
  }

  @Test
  void tellsTheUnknownKeyAndThoseHeld() {
    assertThat(refused(signed(claims().build(), key("two")), "SLV5003"))
        .contains("\"two\"")
        .contains("[\"one\"]");
  }

  @Test
  void refusesASignatureByAnotherKeyOfTheSameName() {
    assertThat(refused(signed(claims().build(), key("one")), "SLV5003"))
        .contains("signature does not verify");
  }

  @Test
  void refusesTokensWithoutSignatureOrWithASharedSecret() throws Exception {
    assertThat(refused(new PlainJWT(claims().build()).serialize(), "SLV5011"))
        .contains("malformed");
    byte[] publicKey = KEY.toECPublicKey().getEncoded();
    SignedJWT confused =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").type(JOSEObjectType.JWT).build(),
            claims().build());
    confused.sign(new MACSigner(publicKey));
    assertThat(refused(confused.serialize(), "SLV5012")).contains("HS256");
  }

  @Test
  void refusesSubjectsThatAreNoServiceAccount() {
    for (String subject :
        new String[] {
          null,
          "",
          "alice",
          "system:serviceaccount:a",
          "system:serviceaccount:a:b:c",
          "system:serviceaccount:a/b:c",
          "system:serviceaccount::c",
          "system:serviceaccount:..:c"
        }) {
      refused(signed(claims().subject(subject).build(), KEY), "SLV5013");
    }
  }

  @Test
  void refusesMalformedAndMissingTokensWithoutQuotingThem() {
    for (String token : List.of("x", "a.b.c", "a.b", "..", "e30.e30.", "\u0000")) {
      assertThat(refused(token, "SLV5011")).startsWith("malformed token");
    }
    assertThat(refused("x".repeat(20_000), "SLV5011")).contains("longer than");
    CallerEvidence nothing =
        new CallerEvidence(Optional.empty(), Optional.empty(), List.of(), Optional.empty());
    assertThat(AUTHENTICATOR.authenticate(nothing))
        .isInstanceOfSatisfying(Refused.class, r -> assertThat(r.code()).isEqualTo("SLV5010"));
  }

  @Test
  void keepsForeignTextOnOneLine() {
    assertThat(refused(signed(claims().issuer("evil\nINFO all is well").build(), KEY), "SLV5001"))
        .doesNotContain("\n");
  }

  @Test
  void neverPrintsTheToken() {
    String token = signed(claims().build(), KEY);

    assertThat(CallerEvidence.ofToken(token).toString()).doesNotContain(token.substring(0, 20));
  }

  @Property(tries = 2000)
  void neverAcceptsAMutatedToken(@ForAll @IntRange(max = 100_000) int at, @ForAll char changed) {
    String token = signed(claims().build(), KEY);
    int index = at % token.length();
    StringBuilder mutated = new StringBuilder(token);
    mutated.setCharAt(index, changed);
    if (sameBits(token, mutated.toString())) {
      return;
    }

    assertThat(authenticate(mutated.toString())).isInstanceOf(Refused.class);
  }

  @Property
  void anyTextIsRefused(@ForAll String text) {
    assertThat(authenticate(text)).isInstanceOf(Refused.class);
  }

  @Test
  void joinTokensAreAcceptedByTheirMeshAloneAndSurviveARestart() {
    JoinTokens tokens = JoinTokens.create("cluster.local", CLOCK, new SecureRandom());
    JoinTokens again = JoinTokens.of(tokens.exportKey(), "cluster.local", CLOCK);
    JoinTokens stranger = JoinTokens.create("cluster.local", CLOCK, new SecureRandom());
    CallerEvidence evidence =
        CallerEvidence.ofToken(tokens.issue("sample", "sleep", Duration.ofMinutes(1)));

    assertThat(again.authenticator().authenticate(evidence)).isInstanceOf(Authenticated.class);
    assertThat(stranger.authenticator().authenticate(evidence)).isInstanceOf(Refused.class);
    assertThat(tokens.publicKeys().toString()).doesNotContain("\"d\"");
  }

  @Test
  void tellsBothTimesOfATokenThatIsIssuedInTheFuture() {
    String token = signed(claims().issueTime(Date.from(NOW.plusSeconds(120))).build(), KEY);

    assertThat(refused(token, "SLV5003"))
        .contains("issued in the future, at 2026-03-01T12:02:00Z")
        .contains("2026-03-01T12:00:00Z");
    assertThat(
            authenticate(signed(claims().issueTime(Date.from(NOW.plusSeconds(30))).build(), KEY)))
        .isInstanceOf(Authenticated.class);
  }

  @Test
  void acceptsEachAsymmetricAlgorithm() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    ECKey wide = new ECKeyGenerator(Curve.P_384).keyID("wide").generate();

    for (JWSAlgorithm algorithm :
        List.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512)) {
      assertThat(judged(rsa, new RSASSASigner(rsa), algorithm))
          .as(algorithm.getName())
          .isInstanceOf(Authenticated.class);
    }
    assertThat(judged(KEY, new ECDSASigner(KEY), JWSAlgorithm.ES256))
        .isInstanceOf(Authenticated.class);
    assertThat(judged(wide, new ECDSASigner(wide), JWSAlgorithm.ES384))
        .isInstanceOf(Authenticated.class);
  }

  @Test
  void refusesAKeyThatIsForSomethingElse() throws Exception {
    RSAKey encrypts = new RSAKeyGenerator(2048).keyID("enc").keyUse(KeyUse.ENCRYPTION).generate();
    RSAKey pss = new RSAKeyGenerator(2048).keyID("pss").algorithm(JWSAlgorithm.PS256).generate();
    RSAKey small = new RSAKeyGenerator(1024, true).keyID("small").generate();

    assertThat(judged(encrypts, new RSASSASigner(encrypts), JWSAlgorithm.RS256))
        .isInstanceOf(Refused.class);
    assertThat(judged(pss, new RSASSASigner(pss), JWSAlgorithm.RS256)).isInstanceOf(Refused.class);
    assertThat(
            judged(
                small,
                new RSASSASigner(small, Set.of(AllowWeakRSAKey.getInstance())),
                JWSAlgorithm.RS256))
        .isInstanceOf(Refused.class);
  }

  @Test
  void refusesAHeaderThatAsksForWhatIsNotUnderstood() throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256)
                .keyID("one")
                .criticalParams(Set.of("exp-policy"))
                .customParam("exp-policy", "strict")
                .build(),
            claims().build());
    jwt.sign(new ECDSASigner(KEY, Set.of()));

    assertThat(authenticate(jwt.serialize())).isInstanceOf(Refused.class);
  }

  @Test
  void findsANewKeyBehindTheNameOfAnOldOne() {
    MovableClock clock = new MovableClock();
    ECKey later = key("one");
    AtomicReference<ECKey> published = new AtomicReference<>(KEY);
    FetchedKeys keys =
        new FetchedKeys(
            URI.create("https://issuer/jwks"),
            address -> new JWKSet(published.get()).toString().getBytes(StandardCharsets.UTF_8),
            clock);
    Authenticator authenticator =
        new JwtAuthenticator(
            "JwtAuthenticator",
            new TokenRules(ISSUER, Set.of("istio-ca"), "cluster.local"),
            keys,
            clock);
    CallerEvidence old = CallerEvidence.ofToken(signed(claims().build(), KEY));
    CallerEvidence rotated = CallerEvidence.ofToken(signed(claims().build(), later));

    assertThat(authenticator.authenticate(old)).isInstanceOf(Authenticated.class);
    published.set(later);
    clock.advance(Duration.ofSeconds(11));

    assertThat(authenticator.authenticate(rotated)).isInstanceOf(Authenticated.class);
    assertThat(authenticator.authenticate(old)).isInstanceOf(Refused.class);
  }

  @Test
  void keysAreFetchedAgainWhenTheClockIsSetBack() {
    MovableClock clock = new MovableClock();
    AtomicInteger fetches = new AtomicInteger();
    FetchedKeys keys =
        new FetchedKeys(
            URI.create("https://issuer/jwks"),
            address -> {
              fetches.incrementAndGet();
              return new JWKSet(KEY).toString().getBytes(StandardCharsets.UTF_8);
            },
            clock);
    keys.keys();
    clock.advance(Duration.ofHours(-3));

    keys.refreshed();

    assertThat(fetches).hasValue(2);
  }

  @Test
  void aNewKeyIsFetchedOnceInTenSeconds() {
    MovableClock clock = new MovableClock();
    AtomicInteger fetches = new AtomicInteger();
    FetchedKeys keys =
        new FetchedKeys(
            URI.create("https://issuer/jwks"),
            address -> {
              fetches.incrementAndGet();
              return new JWKSet(KEY).toString().getBytes(StandardCharsets.UTF_8);
            },
            clock);

    assertThat(keys.keys().getKeyByKeyId("one")).isNotNull();
    keys.refreshed();
    keys.keys();
    assertThat(fetches).hasValue(1);
    clock.advance(Duration.ofSeconds(11));
    keys.refreshed();
    assertThat(fetches).hasValue(2);
  }

  @Test
  void aTokenByAKeyThatIsHeldDoesNotWaitForAnIssuerThatIsSlow() throws Exception {
    MovableClock clock = new MovableClock();
    CountDownLatch asked = new CountDownLatch(2);
    CountDownLatch answers = new CountDownLatch(1);
    FetchedKeys keys =
        new FetchedKeys(
            URI.create("https://issuer/jwks"),
            address -> {
              asked.countDown();
              if (asked.getCount() == 0) {
                awaited(answers);
              }
              return new JWKSet(KEY).toString().getBytes(StandardCharsets.UTF_8);
            },
            clock);
    assertThat(keys.keys().getKeyByKeyId("one")).isNotNull();
    clock.advance(Duration.ofMinutes(30));
    Thread unknownKey = Thread.ofVirtual().start(keys::refreshed);
    try {
      awaited(asked);

      assertThat(keys.keys().getKeyByKeyId("one")).isNotNull();
    } finally {
      answers.countDown();
      unknownKey.join();
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keysThatCannotBeFetchedRefuseEveryTokenAndSayWhy() {
    FetchedKeys keys =
        new FetchedKeys(
            URI.create("https://issuer/jwks"),
            address -> {
              throw new IOException("status 503");
            },
            CLOCK);
    Authenticator authenticator =
        new JwtAuthenticator(
            "JwtAuthenticator",
            new TokenRules(ISSUER, Set.of("istio-ca"), "cluster.local"),
            keys,
            CLOCK);

    assertThat(authenticator.authenticate(CallerEvidence.ofToken(signed(claims().build(), KEY))))
        .isInstanceOfSatisfying(Refused.class, r -> assertThat(r.reason()).contains("status 503"));
  }

  private static Authentication judged(JWK key, JWSSigner signer, JWSAlgorithm algorithm)
      throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims().build());
    jwt.sign(signer);
    return new JwtAuthenticator(
            "JwtAuthenticator",
            new TokenRules(ISSUER, Set.of("istio-ca"), "cluster.local"),
            KeySource.of(new JWKSet(key)),
            CLOCK)
        .authenticate(CallerEvidence.ofToken(jwt.serialize()));
  }

  private static Authentication authenticate(String token) {
    return AUTHENTICATOR.authenticate(CallerEvidence.ofToken(token));
  }

  private static String refused(String token, String code) {
    Authentication outcome = authenticate(token);
    assertThat(outcome).isInstanceOf(Refused.class);
    Refused refused = (Refused) outcome;
    assertThat(refused.code()).as(refused.reason()).isEqualTo(code);
    if (token.length() > 10) {
      assertThat(refused.reason()).doesNotContain(token);
    }
    return refused.reason();
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("istio-ca")
        .subject("system:serviceaccount:sample:sleep")
        .expirationTime(Date.from(NOW.plusSeconds(600)));
  }

  private static String signed(JWTClaimsSet claims, ECKey key) {
    try {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
      JWSSigner signer = new ECDSASigner(key);
      jwt.sign(signer);
      return jwt.serialize();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Whether the mutation is another spelling of the same three parts, or only added white space.
   */
  private static boolean sameBits(String one, String other) {
    String[] a = one.split("\\.", -1);
    String[] b = other.strip().split("\\.", -1);
    if (a.length != b.length) {
      return false;
    }
    for (int i = 0; i < a.length; i++) {
      if (!Arrays.equals(new Base64URL(a[i]).decode(), new Base64URL(b[i]).decode())) {
        return false;
      }
    }
    return true;
  }

  private static ECKey key(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
