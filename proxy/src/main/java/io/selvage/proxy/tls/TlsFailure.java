package io.selvage.proxy.tls;

import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why TLS with an upstream failed, as Envoy's {@code %UPSTREAM_TRANSPORT_FAILURE_REASON%} says it:
 * {@code TLS_error:|268435581:SSL
 * routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end}, so that what reads the logs
 * of Envoy reads ours. A refusal of our own adds its words.
 */
public final class TlsFailure {
  /** BoringSSL packs library (16, SSL) and reason (125) into one number. */
  private static final String VERIFY_FAILED = boringSsl("1000007d", "CERTIFICATE_VERIFY_FAILED");

  private static final String WRONG_VERSION = boringSsl("100000f7", "WRONG_VERSION_NUMBER");

  private static final Pattern OF_BORING_SSL =
      Pattern.compile("error:(?<number>[0-9a-f]{8}):SSL routines:OPENSSL_internal:(?<reason>\\w+)");

  private TlsFailure() {}

  /** In words; those of what was thrown, where TLS is not the reason. */
  public static String reason(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException refused) {
        return framed(VERIFY_FAILED + ":" + refused.getMessage());
      }
      if (cause instanceof NotSslRecordException) {
        return framed(WRONG_VERSION);
      }
      Matcher matcher = OF_BORING_SSL.matcher(String.valueOf(cause.getMessage()));
      if (matcher.find()) {
        return framed(boringSsl(matcher.group("number"), matcher.group("reason")));
      }
    }
    return String.valueOf(thrown.getMessage());
  }

  private static String boringSsl(String number, String reason) {
    return "|%d:SSL routines:OPENSSL_internal:%s".formatted(Long.parseLong(number, 16), reason);
  }

  private static String framed(String error) {
    return "TLS_error:" + error + ":TLS_error_end";
  }
}
