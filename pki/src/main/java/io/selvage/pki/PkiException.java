package io.selvage.pki;

/** A refused key, request, certificate or bundle, with the reason in words and as a stable code. */
public final class PkiException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What was wrong, for callers that decide by it. */
  public enum Reason {
    /** Not PEM, not DER, or not the structure that was asked for. */
    MALFORMED("SLV1020"),
    /** Larger, longer or more numerous than a mesh can need. */
    TOO_LARGE("SLV1021"),
    /** A signature that does not verify. */
    BAD_SIGNATURE("SLV1022"),
    /** A key or signature algorithm that is too weak or not supported. */
    WEAK_ALGORITHM("SLV1003"),
    /** A private key that does not belong to the certificate beside it. */
    KEY_MISMATCH("SLV1003"),
    /** A certificate used as an issuer that may not issue. */
    NOT_A_CA("SLV1003"),
    /** A chain that does not lead from its first certificate to a root. */
    BROKEN_CHAIN("SLV1003"),
    /** A certificate outside its validity. */
    EXPIRED("SLV1002"),
    /** Not a SPIFFE ID, or not exactly one. */
    BAD_IDENTITY("SLV1008"),
    /** A lifetime that the authority does not grant. */
    BAD_VALIDITY("SLV1023"),
    /** The authority refused its own output, or its provider failed. */
    SIGNING_FAILED("SLV1024");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    /** The stable code, {@code SLVnnnn}. */
    public String code() {
      return code;
    }
  }

  private final Reason reason;

  public PkiException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public PkiException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** The stable code of the reason, {@code SLVnnnn}. */
  public String code() {
    return reason.code();
  }
}
