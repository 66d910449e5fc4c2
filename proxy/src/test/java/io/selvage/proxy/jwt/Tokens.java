package io.selvage.proxy.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** An issuer of tokens for tests. */
final class Tokens {
  static final long NOW = 1_700_000_000L;
  static final String ISSUER = "https://issuer.example";

  final RSAKey rsa;
  final ECKey ec;

  Tokens() throws JOSEException {
    rsa = new RSAKeyGenerator(2048).keyID("r1").generate();
    ec = new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
  }

  String jwks() {
    return new JWKSet(List.of(rsa, ec)).toString(true);
  }

  static Map<String, Object> claims() {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", ISSUER);
    claims.put("sub", "alice");
    claims.put("exp", NOW + 300);
    return claims;
  }

  static Map<String, Object> claims(String name, Object value) {
    Map<String, Object> claims = claims();
    claims.put(name, value);
    return claims;
  }

  String rs256(Map<String, Object> claims) throws JOSEException {
    return sign(header(JWSAlgorithm.RS256, "r1"), new RSASSASigner(rsa), claims);
  }

  String es256(Map<String, Object> claims) throws JOSEException {
    return sign(header(JWSAlgorithm.ES256, "e1"), new ECDSASigner(ec), claims);
  }

  static JWSHeader header(JWSAlgorithm algorithm, String kid) {
    return new JWSHeader.Builder(algorithm).keyID(kid).build();
  }

  static String sign(JWSHeader header, JWSSigner signer, Map<String, Object> claims)
      throws JOSEException {
    String json = JsonMapper.shared().writeValueAsString(claims);
    JWSObject object = new JWSObject(header, new Payload(json));
    object.sign(signer);
    return object.serialize();
  }
}
