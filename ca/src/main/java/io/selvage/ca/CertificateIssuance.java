package io.selvage.ca;

import io.grpc.Status;
import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.pki.CertificateChain;
import io.selvage.pki.CertificateRequest;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.PkiException.Reason;
import io.selvage.pki.SpiffeId;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One issuance from evidence to chain, the same behind both protocols: who asks, is the request
 * good, sign. Each call ends in exactly one count and one log line.
 */
public final class CertificateIssuance {
  private static final Logger log = LoggerFactory.getLogger(CertificateIssuance.class);

  private final Authenticator authenticator;
  private final Supplier<SigningState> signing;
  private final CaCounters counters;

  public CertificateIssuance(Authenticator authenticator, Supplier<SigningState> signing) {
    this.authenticator = authenticator;
    this.signing = signing;
    this.counters =
        new CaCounters(() -> signing.get().authority().root().getNotAfter().toInstant());
  }

  /** What both protocols answer. */
  sealed interface Outcome {
    /**
     * A chain in the form of the protocols: leaf, intermediates, and one last string of all roots.
     */
    record Chain(List<String> pem) implements Outcome {
      public Chain {
        pem = List.copyOf(pem);
      }
    }

    /** A gRPC status, its description ready for the caller. */
    record Failure(Status status) implements Outcome {}
  }

  /** What the authority counts. */
  public CaCounters counters() {
    return counters;
  }

  /** Names the caller; the refusal is counted and logged here. */
  Authentication authenticate(CallerEvidence evidence) {
    counters.requested();
    Authentication outcome = authenticator.authenticate(evidence);
    if (outcome instanceof Refused refused) {
      counters.unauthenticated();
      log.warn("certificate refused to {}: {} {}", evidence, refused.code(), refused.reason());
    }
    return outcome;
  }

  /** What a refused caller sees. */
  static Status unauthenticated(Refused refused) {
    return Status.UNAUTHENTICATED.withDescription(
        "request authenticate failure: " + refused.reason());
  }

  /** Refuses a caller who is known, but asks for what it may not or not in the right form. */
  Status refuse(Authenticated caller, Status status) {
    counters.unsigned();
    log.warn("certificate refused to {}: {}", caller.id(), status.getDescription());
    return status;
  }

  /** Tells of an answer that was given before, and is given again. */
  void repeated(Authenticated caller) {
    log.debug("answered {} by {} as before", caller.id(), caller.by());
  }

  /** Checks the request and signs for the caller that {@link #authenticate} named. */
  Outcome issue(Authenticated caller, String csrPem, Duration ttl) {
    CertificateRequest request;
    try {
      request = CertificateRequest.parse(csrPem);
    } catch (PkiException e) {
      counters.unreadable();
      return refused(caller.id(), e);
    }
    try {
      SigningState state = signing.get();
      CertificateChain chain = state.authority().issue(request, caller.id(), ttl);
      counters.issued();
      log.debug("issued to {} by {} until {}", caller.id(), caller.by(), chain.notAfter());
      return new Outcome.Chain(onTheWire(chain, state.bundlePem()));
    } catch (PkiException e) {
      counters.unsigned();
      return refused(caller.id(), e);
    }
  }

  private static List<String> onTheWire(CertificateChain chain, String bundlePem) {
    List<String> pem = new ArrayList<>(chain.certificates().size() + 1);
    for (X509Certificate certificate : chain.certificates()) {
      pem.add(Pem.of(certificate));
    }
    pem.add(bundlePem);
    return pem;
  }

  private static Outcome refused(SpiffeId id, PkiException e) {
    log.warn("certificate refused to {}: {} {}", id, e.code(), e.getMessage(), e.getCause());
    boolean ours = e.reason() == Reason.SIGNING_FAILED || e.reason() == Reason.EXPIRED;
    String text = "CSR signing error (" + e.code() + " " + e.getMessage() + ")";
    return new Outcome.Failure(
        (ours ? Status.INTERNAL : Status.INVALID_ARGUMENT).withDescription(text));
  }
}
