package io.selvage.proxy.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A token that was read, not yet believed. JSON with a name twice is refused, since two readers
 * would not agree on it.
 *
 * @param header algorithm and key id
 * @param claims the payload
 * @param payload the payload in base64url, as it came
 * @param signed what the signature is over
 * @param signature the signature
 * @param issuer {@code iss}, or empty
 * @param subject {@code sub}, or empty
 * @param audiences {@code aud}
 * @param notBefore {@code nbf} in seconds since 1970; 0 when there is none
 * @param expiry {@code exp} in seconds since 1970; {@link Long#MAX_VALUE} when there is none
 */
record Token(
    JWSHeader header,
    Map<String, Object> claims,
    String payload,
    String signed,
    Base64URL signature,
    String issuer,
    String subject,
    List<String> audiences,
    long notBefore,
    long expiry) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /** Why a token can't be read. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;
    private final JwtStatus status;

    Unreadable(JwtStatus status) {
      super(status.text(), null, false, false);
      this.status = status;
    }

    JwtStatus status() {
      return status;
    }
  }

  static Token parse(String text) throws Unreadable {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (first < 0 || second < 0 || text.indexOf('.', second + 1) >= 0) {
      throw new Unreadable(JwtStatus.BAD_FORMAT);
    }
    String encodedHeader = text.substring(0, first);
    String payload = text.substring(first + 1, second);
    String signature = text.substring(second + 1);
    JWSHeader header =
        header(
            object(encodedHeader, JwtStatus.HEADER_NOT_BASE64, JwtStatus.HEADER_NOT_JSON),
            encodedHeader);
    Map<String, Object> claims =
        object(payload, JwtStatus.PAYLOAD_NOT_BASE64, JwtStatus.PAYLOAD_NOT_JSON);
    decode(signature, JwtStatus.SIGNATURE_NOT_BASE64);
    return new Token(
        header,
        claims,
        payload,
        text.substring(0, second),
        new Base64URL(signature),
        string(claims, "iss", JwtStatus.ISS_NOT_STRING),
        string(claims, "sub", JwtStatus.SUB_NOT_STRING),
        audiences(claims.get("aud")),
        seconds(claims.get("nbf"), 0, JwtStatus.NBF_NOT_INTEGER),
        seconds(claims.get("exp"), Long.MAX_VALUE, JwtStatus.EXP_NOT_INTEGER));
  }

  private static byte[] decode(String text, JwtStatus otherwise) throws Unreadable {
    try {
      if (text.isEmpty() || text.indexOf('=') >= 0) {
        throw new Unreadable(otherwise);
      }
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new Unreadable(otherwise);
    }
  }

  private static Map<String, Object> object(String encoded, JwtStatus notBase64, JwtStatus notJson)
      throws Unreadable {
    byte[] json = decode(encoded, notBase64);
    try {
      Map<String, Object> object = JSON.readValue(json, OBJECT);
      if (object == null) {
        throw new Unreadable(notJson);
      }
      return object;
    } catch (JacksonException e) {
      throw new Unreadable(notJson);
    }
  }

  private static JWSHeader header(Map<String, Object> header, String encoded) throws Unreadable {
    if (!(header.get("alg") instanceof String algorithm)) {
      throw new Unreadable(JwtStatus.HEADER_BAD_ALG);
    }
    if (!KeySet.ALGORITHMS.contains(new JWSAlgorithm(algorithm))) {
      throw new Unreadable(JwtStatus.HEADER_UNKNOWN_ALG);
    }
    if (header.containsKey("kid") && !(header.get("kid") instanceof String)) {
      throw new Unreadable(JwtStatus.HEADER_BAD_KID);
    }
    // "If any of the listed extension Header Parameters are not understood and supported by the
    // recipient, then the JWS is invalid" (RFC 7515 4.1.11), and we support none.
    if (header.containsKey("crit") || header.containsKey("b64")) {
      throw new Unreadable(JwtStatus.VERIFICATION_FAILED);
    }
    JWSHeader.Builder read = new JWSHeader.Builder(JWSAlgorithm.parse(algorithm));
    if (header.get("kid") instanceof String kid) {
      read.keyID(kid);
    }
    return read.parsedBase64URL(new Base64URL(encoded)).build();
  }

  private static String string(Map<String, Object> claims, String name, JwtStatus otherwise)
      throws Unreadable {
    if (!claims.containsKey(name)) {
      return "";
    }
    if (claims.get(name) instanceof String text) {
      return text;
    }
    throw new Unreadable(otherwise);
  }

  private static List<String> audiences(@Nullable Object aud) throws Unreadable {
    if (aud == null) {
      return List.of();
    }
    if (aud instanceof String one) {
      return List.of(one);
    }
    if (aud instanceof List<?> many && many.stream().allMatch(String.class::isInstance)) {
      return many.stream().map(String.class::cast).toList();
    }
    throw new Unreadable(JwtStatus.AUD_NOT_STRING);
  }

  private static long seconds(@Nullable Object value, long otherwise, JwtStatus unreadable)
      throws Unreadable {
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number && number.doubleValue() >= 0) {
      return number.longValue() < 0 ? Long.MAX_VALUE : number.longValue();
    }
    throw new Unreadable(unreadable);
  }

  @Override
  public String toString() {
    return "Token[iss=" + issuer + ", kid=" + header.getKeyID() + "]";
  }
}
