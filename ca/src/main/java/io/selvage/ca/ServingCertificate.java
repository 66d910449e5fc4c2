package io.selvage.ca;

import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** The authority's own certificate, made anew at half its life and when another root signs. */
public final class ServingCertificate implements Supplier<WorkloadCertificate> {
  private static final Duration LIFE = Duration.ofDays(1);

  private final CertificateAuthorityService authority;
  private final SpiffeId id;
  private final List<String> names;
  private final InstantSource clock;
  private volatile Current current;

  private record Current(SigningState by, WorkloadCertificate certificate, Instant renewAt) {}

  /**
   * Makes the first.
   *
   * @param id the authority's own identity
   * @param names the DNS names by which it is called
   */
  public ServingCertificate(
      CertificateAuthorityService authority, SpiffeId id, List<String> names, InstantSource clock)
      throws PkiException {
    this.authority = authority;
    this.id = id;
    this.names = List.copyOf(names);
    this.clock = clock;
    this.current = issue();
  }

  @Override
  public WorkloadCertificate get() {
    Current now = current;
    if (!now.by().equals(authority.signing()) || clock.instant().isAfter(now.renewAt())) {
      try {
        now = issue();
        current = now;
      } catch (PkiException e) {
        throw new IllegalStateException("the CA cannot certify itself", e);
      }
    }
    return now.certificate();
  }

  private Current issue() throws PkiException {
    SigningState state = authority.signing();
    return new Current(
        state,
        state.authority().issueServing(KeyAlgorithm.DEFAULT, id, names, LIFE),
        clock.instant().plus(LIFE.dividedBy(2)));
  }
}
