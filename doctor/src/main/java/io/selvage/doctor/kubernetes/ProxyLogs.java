package io.selvage.doctor.kubernetes;

import java.util.regex.Pattern;

/** Which lines of a proxy's log tell of TLS, authorization, or a way that is closed. */
final class ProxyLogs {
  /**
   * Envoy's response flags of failed upstreams, its words for TLS and RBAC, the agent's for its CA
   * and its configuration, and ours ({@code SLV…}).
   */
  private static final Pattern TROUBLE =
      Pattern.compile(
          "\\b(UF|UH|URX|UPE|NR|UAEX|DPE)\\b|TLS.error|TLS_error|CERTIFICATE_VERIFY_FAILED"
              + "|rbac_access_denied|RBAC|bad certificate|x509:|rejected|NACK"
              + "|\\t(warn|error)\\t|\\bSLV[0-9]{4}\\b|denied|handshake",
          Pattern.CASE_INSENSITIVE);

  private ProxyLogs() {}

  static boolean tellsTrouble(String line) {
    return TROUBLE.matcher(line).find();
  }
}
