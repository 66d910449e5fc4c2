package io.selvage.doctor;

/** What the checks whose codes begin with the same digit look at. */
public enum Range {
  ACCESS('0', "access", "Can the clusters be seen, and are their control planes up?"),
  CERTIFICATES('1', "certificates", "The CA, its roots, and what every workload holds."),
  TLS('2', "TLS on the wire", "Is plaintext refused, and does the other side see who calls?"),
  INJECTION('3', "injection", "Webhooks, and the proxies that they put into Pods."),
  AUTHORIZATION('4', "authorization", "Do policies say what was meant, and are they enforced?"),
  TOKENS('5', "tokens", "ServiceAccounts' tokens at the CA, and users' tokens at workloads."),
  RIGHTS('6', "rights", "What the control plane may do, and who may do too much."),
  CONFIGURATION('7', "configuration", "Does what is declared arrive at the proxies?"),
  CLUSTERS('8', "clusters together", "What several clusters have to agree on."),
  EDGES('9', "edges and proof", "Gateways, the way out, and the proof against what is seen.");

  private final char digit;
  private final String title;
  private final String question;

  Range(char digit, String title, String question) {
    this.digit = digit;
    this.title = title;
    this.question = question;
  }

  /** Of a code such as {@code SLV2001}. */
  public static Range of(String code) {
    for (Range range : values()) {
      if (code.startsWith("SLV" + range.digit)) {
        return range;
      }
    }
    throw new IllegalArgumentException("no code: " + code);
  }

  /** A word or three. */
  public String title() {
    return title;
  }

  /** In a sentence. */
  public String question() {
    return question;
  }

  /** {@code SLV2xxx}. */
  public String codes() {
    return "SLV" + digit + "xxx";
  }
}
