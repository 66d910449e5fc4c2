package io.selvage.it.conformance;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The keys of a run, and the tokens that are signed with them, good and bad ones. */
final class TokenMint {
  private final RSAKey rsa1;
  private final ECKey ec1;
  private final RSAKey rsa2;

  /** New keys. */
  TokenMint() {
    try {
      rsa1 = new RSAKeyGenerator(2048).keyID("rsa-1").generate();
      ec1 = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
      rsa2 = new RSAKeyGenerator(2048).keyID("rsa-2").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("no keys can be made", e);
    }
  }

  /** Text with the run's keys put in. */
  String filledIn(String json) {
    return json.replace("${jwks-other}", quoted(new JWKSet(rsa2.toPublicJWK())))
        .replace(
            "${jwks}", quoted(new JWKSet(List.<JWK>of(rsa1.toPublicJWK(), ec1.toPublicJWK()))));
  }

  private static String quoted(JWKSet keys) {
    return keys.toString().replace("\"", "\\\"");
  }

  /** The text of a token. */
  String mint(TokenSpec spec) {
    return spec.raw().orElseGet(() -> signed(spec));
  }

  private String signed(TokenSpec spec) {
    JWK key = key(spec.key().orElse("rsa-1"));
    String own = key instanceof ECKey ? "ES256" : "RS256";
    String alg = spec.alg().orElse(own);
    Map<String, Object> header = new TreeMap<>(Map.of("alg", alg, "typ", "JWT"));
    String kid = spec.kid().orElse(key.getKeyID());
    if (!kid.isEmpty()) {
      header.put("kid", kid);
    }
    String input =
        Base64URL.encode(tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(header))
            + "."
            + Base64URL.encode(spec.claims().map(Object::toString).orElse("{}"));
    return alg.equals("none") ? input + "." : input + "." + signature(key, own, alg, input);
  }

  /** By the algorithm that is named if the key can, else by the key's own: such a token is bad. */
  private static Base64URL signature(JWK key, String own, String alg, String input) {
    try {
      JWSAlgorithm named = JWSAlgorithm.parse(alg);
      JWSSigner signer =
          switch (key) {
            case ECKey ec -> new ECDSASigner(ec);
            case RSAKey rsa when JWSAlgorithm.Family.HMAC_SHA.contains(named) ->
                new MACSigner(rsa.toRSAPublicKey().getEncoded());
            case RSAKey rsa -> new RSASSASigner(rsa);
            default -> throw new IllegalStateException("no signer for " + key.getKeyType());
          };
      JWSAlgorithm used =
          signer.supportedJWSAlgorithms().contains(named) ? named : JWSAlgorithm.parse(own);
      return signer.sign(
          new JWSHeader.Builder(used).type(JOSEObjectType.JWT).build(),
          input.getBytes(StandardCharsets.US_ASCII));
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign by " + alg, e);
    }
  }

  private JWK key(String name) {
    return switch (name) {
      case "rsa-1" -> rsa1;
      case "ec-1" -> ec1;
      case "rsa-2" -> rsa2;
      default -> throw new IllegalArgumentException("there is no key \"" + name + '"');
    };
  }
}
