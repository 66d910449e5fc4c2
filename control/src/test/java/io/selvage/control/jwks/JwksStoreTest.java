package io.selvage.control.jwks;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.RequestAuthentication.JwtRule;
import io.selvage.model.ResourceReader;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JwksStoreTest {
  private static final String KEYS = "https://issuer.example.com/keys";

  private final Map<String, String> web = new HashMap<>();
  private final List<URI> asked = new ArrayList<>();
  private final AtomicInteger changes = new AtomicInteger();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private JwksStore store;
  private String keys;

  @BeforeEach
  void store() throws Exception {
    keys = new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("k1").generate()).toString(false);
    store = new JwksStore(this::get, Runnable::run, () -> now, changes::incrementAndGet);
  }

  private String get(URI address, Duration timeout) throws IOException {
    asked.add(address);
    String answer = web.get(address.toString());
    if (answer == null) {
      throw new IOException("it answered with status 503");
    }
    return answer;
  }

  @Test
  void fetchesTheKeysOfEachIssuer() {
    web.put(KEYS, keys);
    MeshSnapshot snapshot = snapshot("jwksUri: " + KEYS);

    store.require(snapshot);

    assertThat(store.keys().keysFor(rule(snapshot))).contains("\"k1\"").doesNotContain("\"d\"");
    assertThat(store.problems()).isEmpty();
    assertThat(changes).hasValue(1);
  }

  @Test
  void thePrivateHalfOfAnInlineKeyStaysHere() {
    MeshSnapshot pair = snapshot("jwks: '" + keysOfAPair() + "'");
    MeshSnapshot symmetric = snapshot("jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}'");

    assertThat(store.keys().keysFor(rule(pair))).contains("\"k2\"").doesNotContain("\"d\"");
    assertThat(store.keys().keysFor(rule(symmetric))).contains("c2VjcmV0");
    assertThat(asked).isEmpty();
  }

  private static String keysOfAPair() {
    try {
      return new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("k2").generate()).toString(false);
    } catch (com.nimbusds.jose.JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void findsTheKeysByTheIssuersDiscovery() {
    web.put(
        "https://issuer.example.com/.well-known/openid-configuration",
        "{\"jwks_uri\": \"" + KEYS + "\"}");
    web.put(KEYS, keys);
    MeshSnapshot snapshot = snapshot("audiences: [a]");

    store.require(snapshot);

    assertThat(store.keys().keysFor(rule(snapshot))).contains("\"k1\"");
  }

  @Test
  void withoutAnyKeysEveryTokenIsRefusedAndStatusSaysWhy() throws Exception {
    MeshSnapshot snapshot = snapshot("jwksUri: " + KEYS);

    store.require(snapshot);

    ECKey standIn =
        JWKSet.parse(store.keys().keysFor(rule(snapshot))).getKeys().getFirst().toECKey();
    assertThat(standIn.getKeyID()).isEqualTo(UnusableKeys.KEY_ID);
    assertThat(standIn.isPrivate()).isFalse();
    assertThat(standIn.toECPublicKey().getW()).isNotNull();
    assertThat(store.problems())
        .singleElement()
        .satisfies(p -> assertThat(p.code()).isEqualTo("SLV5006"))
        .extracting(Problem::render)
        .asString()
        .contains("mesh.yaml:5", "status 503", "every token of https://issuer.example.com");
  }

  @Test
  void triesAgainLaterAndLater() {
    store.require(snapshot("jwksUri: " + KEYS));
    store.refresh();
    assertThat(asked).hasSize(1);

    now = now.plus(JwksStore.FIRST_RETRY);
    store.refresh();
    now = now.plus(JwksStore.FIRST_RETRY);
    store.refresh();
    assertThat(asked).hasSize(2);

    now = now.plus(JwksStore.FIRST_RETRY);
    web.put(KEYS, keys);
    store.refresh();
    assertThat(asked).hasSize(3);
    assertThat(store.problems()).isEmpty();
  }

  @Test
  void keysThatWereHadOnceStayWhileTheirAddressDoesNotAnswer() {
    web.put(KEYS, keys);
    MeshSnapshot snapshot = snapshot("jwksUri: " + KEYS);
    store.require(snapshot);
    web.clear();
    now = now.plus(JwksStore.REFRESH);

    store.refresh();

    assertThat(store.keys().keysFor(rule(snapshot))).contains("\"k1\"");
    assertThat(store.problems())
        .singleElement()
        .extracting(Problem::render)
        .asString()
        .contains("stay in use");
  }

  @Test
  void keysAreFetchedAgainAfterTwentyMinutes() {
    web.put(KEYS, keys);
    store.require(snapshot("jwksUri: " + KEYS));
    now = now.plus(JwksStore.REFRESH).minusSeconds(1);
    store.refresh();
    assertThat(asked).hasSize(1);
    now = now.plusSeconds(1);
    store.refresh();
    assertThat(asked).hasSize(2);
    assertThat(changes).as("nothing new").hasValue(1);
  }

  @Test
  void privateKeysOnTheWebAreNotPassedOnAndSymmetricOnesNotTaken() {
    web.put(KEYS, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"s\"}]}");
    MeshSnapshot snapshot = snapshot("jwksUri: " + KEYS);

    store.require(snapshot);

    assertThat(store.keys().keysFor(rule(snapshot))).contains(UnusableKeys.KEY_ID);
  }

  private static JwtRule rule(MeshSnapshot snapshot) {
    return snapshot.all(RequestAuthentication.class).getFirst().jwtRules().getFirst();
  }

  private static MeshSnapshot snapshot(String keys) {
    ReadResult read =
        ResourceReader.read(
            "mesh.yaml",
            """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: tokens, namespace: sample}
            spec:
              jwtRules: [{issuer: "https://issuer.example.com", %s}]
            """
                .formatted(keys));
    assertThat(read.hasErrors()).as(read.problems().toString()).isFalse();
    return MeshSnapshot.of(1, read.resources(), read.problems());
  }
}
