package io.selvage.proxy.jwt;

/** How the check of one token ended, with the text that Envoy answers with. */
public enum JwtStatus {
  OK("OK"),
  MISSING("Jwt is missing"),
  EXPIRED("Jwt is expired"),
  NOT_YET_VALID("Jwt not yet valid"),
  BAD_FORMAT("Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"),
  HEADER_NOT_BASE64("Jwt header is an invalid Base64url encoded"),
  HEADER_NOT_JSON("Jwt header is an invalid JSON"),
  HEADER_BAD_ALG("Jwt header [alg] field is required and must be a string"),
  HEADER_UNKNOWN_ALG("Jwt header [alg] is not supported"),
  HEADER_BAD_KID("Jwt header [kid] field is not a string"),
  PAYLOAD_NOT_BASE64("Jwt payload is an invalid Base64url encoded"),
  PAYLOAD_NOT_JSON("Jwt payload is an invalid JSON"),
  ISS_NOT_STRING("Jwt payload [iss] field is not a string"),
  SUB_NOT_STRING("Jwt payload [sub] field is not a string"),
  NBF_NOT_INTEGER("Jwt payload [nbf] field is not an integer"),
  EXP_NOT_INTEGER("Jwt payload [exp] field is not an integer"),
  AUD_NOT_STRING("Jwt payload [aud] field is not a string or string list"),
  SIGNATURE_NOT_BASE64("Jwt signature is an invalid Base64url encoded"),
  UNKNOWN_ISSUER("Jwt issuer is not configured"),
  AUDIENCE_NOT_ALLOWED("Audiences in Jwt are not allowed"),
  NO_MATCHING_KEY("Jwks doesn't have key to match kid or alg from Jwt"),
  NO_VALID_KEYS("Jwks doesn't have any valid public key"),
  VERIFICATION_FAILED("Jwt verification fails");

  private final String text;

  JwtStatus(String text) {
    this.text = text;
  }

  /** The body of the answer. */
  public String text() {
    return text;
  }

  /** 403 for a wrong audience, else 401. */
  public int httpStatus() {
    return this == AUDIENCE_NOT_ALLOWED ? 403 : 401;
  }

  /** {@code jwt_authn_access_denied{Jwt_is_expired}}. */
  public String details() {
    return "jwt_authn_access_denied{" + text.replace(' ', '_') + "}";
  }
}
