package io.selvage.ca;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What the authority counts, under the names that dashboards for Istio's CA use. */
public final class CaCounters {
  /** Requests for a certificate. */
  public static final String CSR_COUNT = "citadel_server_csr_count";

  /** Requests whose PKCS#10 was refused. */
  public static final String CSR_PARSING_ERRORS = "citadel_server_csr_parsing_err_count";

  /** Requests that were refused after their PKCS#10 was accepted. */
  public static final String CSR_SIGNING_ERRORS = "citadel_server_csr_sign_err_count";

  /** Callers whom no authenticator knew. */
  public static final String AUTHENTICATION_FAILURES =
      "citadel_server_authentication_failure_count";

  /** Certificates handed out. */
  public static final String ISSUED = "citadel_server_success_cert_issuance_count";

  /** When the signing root ends, in seconds since 1970. */
  public static final String ROOT_EXPIRY = "citadel_server_root_cert_expiry_timestamp";

  private final LongAdder csrs = new LongAdder();
  private final LongAdder parsingErrors = new LongAdder();
  private final LongAdder signingErrors = new LongAdder();
  private final LongAdder authenticationFailures = new LongAdder();
  private final LongAdder issued = new LongAdder();
  private final Supplier<Instant> rootExpiry;

  public CaCounters(Supplier<Instant> rootExpiry) {
    this.rootExpiry = rootExpiry;
  }

  void requested() {
    csrs.increment();
  }

  void unreadable() {
    parsingErrors.increment();
  }

  void unsigned() {
    signingErrors.increment();
  }

  void unauthenticated() {
    authenticationFailures.increment();
  }

  void issued() {
    issued.increment();
  }

  /** All numbers by metric name, for a metrics endpoint. */
  public Map<String, Double> read() {
    Map<String, Double> numbers = new TreeMap<>();
    numbers.put(CSR_COUNT, csrs.doubleValue());
    numbers.put(CSR_PARSING_ERRORS, parsingErrors.doubleValue());
    numbers.put(CSR_SIGNING_ERRORS, signingErrors.doubleValue());
    numbers.put(AUTHENTICATION_FAILURES, authenticationFailures.doubleValue());
    numbers.put(ISSUED, issued.doubleValue());
    numbers.put(ROOT_EXPIRY, (double) rootExpiry.get().getEpochSecond());
    return numbers;
  }
}
