package io.selvage.pki;

/**
 * Why a peer's certificates were refused.
 *
 * @param reason for metrics and decisions
 * @param message the cause and what to look at next, in words
 */
public record VerificationFailure(Reason reason, String message) implements PeerVerification {
  /** The kinds of refusal. */
  public enum Reason {
    /** The peer sent no certificate. */
    NO_CERTIFICATE("SLV2020"),
    /** A certificate that cannot be read, or that breaks the rules of X.509. */
    MALFORMED("SLV2021"),
    /** No chain of signatures to a root of the bundle. */
    UNTRUSTED("SLV1005"),
    /** The leaf, an issuer or the root is expired. */
    EXPIRED("SLV1007"),
    /** The leaf, an issuer or the root is not valid yet: mostly a clock that is wrong. */
    NOT_YET_VALID("SLV2022"),
    /** Not exactly one URI name, or one that is no SPIFFE ID. */
    BAD_IDENTITY("SLV1008"),
    /** A trust domain that is not accepted here. */
    FOREIGN_TRUST_DOMAIN("SLV1009"),
    /** Key usage or extended key usage that does not permit what the peer does with it. */
    BAD_USAGE("SLV2023"),
    /** A key or signature that is too weak. */
    WEAK_ALGORITHM("SLV1003");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    /** The stable code, {@code SLVnnnn}. */
    public String code() {
      return code;
    }
  }

  /** The stable code of the reason, {@code SLVnnnn}. */
  public String code() {
    return reason.code();
  }
}
