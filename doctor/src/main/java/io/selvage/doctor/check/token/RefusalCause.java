package io.selvage.doctor.check.token;

import com.google.re2j.Pattern;

/** Why an authenticator refused a token, by what it says; the first that fits. */
enum RefusalCause {
  AUDIENCE(
      "the token is for another audience",
      "audience",
      "SLV5002 compares the audiences of proxies and CA"),
  EXPIRED(
      "the token has expired: it is not renewed in the Pod, or a clock is ahead",
      "expired|token is expired|not valid yet|used before issued",
      "SLV0004 compares the clocks; restart the workload for a fresh token"),
  ISSUER(
      "the token is of another issuer",
      "issuer|issued by a different provider",
      "SLV5001 compares the issuers"),
  SIGNATURE(
      "the token's signature is not by a key of this cluster: another cluster's token, or the"
          + " ServiceAccount signing key was rotated",
      "cryptographic primitive|signature|square/go-jose|unknown key|kid",
      "SLV5003 tries a fresh token (--probe); restart the workload for one"),
  CLUSTER(
      "the caller says it is of a cluster that the control plane does not know",
      "claims to be in cluster|could not get cluster",
      "check CLUSTER_ID and the remote Secrets (SLV8002)"),
  RIGHTS(
      "the control plane may not have tokens reviewed",
      "forbidden|cannot create resource",
      "SLV6001 compares its rights"),
  ACCOUNT(
      "the ServiceAccount of the token is gone, or was made anew",
      "does not match claim|not found|has been invalidated|claim is missing",
      "restart the workload for a fresh token"),
  OTHER("the authenticator's reason says it", "", "read the reason in the evidence");

  private final String words;
  private final Pattern said;
  private final String next;

  RefusalCause(String words, String said, String next) {
    this.words = words;
    this.said = Pattern.compile(said);
    this.next = next;
  }

  String words() {
    return words;
  }

  String next() {
    return next;
  }

  /** By all authenticators' reasons in one text. */
  static RefusalCause of(String reasons) {
    for (RefusalCause one : values()) {
      if (one.said.matcher(reasons).find()) {
        return one;
      }
    }
    return OTHER;
  }
}
