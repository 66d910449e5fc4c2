package io.selvage.proxy.identity;

import io.selvage.ca.client.CertificateRotation;
import io.selvage.ca.client.CertificateSource;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.ca.client.RotationSchedule;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity of one workload: its certificate, asked for with a key that never leaves this
 * process and renewed before it ends, and the roots of the mesh, which are those that the authority
 * gave and those that the control plane tells. While either is away the last good ones stay.
 */
public final class WorkloadIdentity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkloadIdentity.class);

  private final KeyMaterial material;
  private final CertificateRotation rotation;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private TrustBundle fromAuthority = TrustBundle.empty();
  private Secret.Validation fromControlPlane =
      new Secret.Validation(TlsSettings.TRUST_BUNDLE, TrustBundle.empty());
  private String trustDomain = "";

  /**
   * An identity that does nothing until {@link #start}.
   *
   * @param material where key, chain and roots are put
   * @param source the authority
   * @param scheduler runs renewals, which block
   */
  public WorkloadIdentity(
      KeyMaterial material,
      CertificateSource source,
      CertificateRotation.Scheduler scheduler,
      InstantSource clock,
      RandomGenerator random) {
    this.material = material;
    this.rotation =
        new CertificateRotation(
            source, RotationSchedule.DEFAULT, scheduler, new Receiver(), clock, random);
  }

  /** Asks for the first certificate; completes when it is there. */
  public CompletableFuture<Void> start() {
    rotation.start();
    return ready;
  }

  /** The rotation, for status and for renewing at once. */
  public CertificateRotation rotation() {
    return rotation;
  }

  /** Roots that the control plane tells ({@code ROOTCA}). */
  public synchronized void rootsFromControlPlane(Secret.Validation roots) {
    if (!roots.equals(fromControlPlane)) {
      fromControlPlane = roots;
      material.put(merged());
    }
  }

  /** The authority's roots are this trust domain's own. */
  private Secret.Validation merged() {
    Map<String, TrustBundle> byTrustDomain = new HashMap<>(fromControlPlane.byTrustDomain());
    byTrustDomain.computeIfPresent(
        trustDomain, (domain, bundle) -> bundle.withAll(fromAuthority.roots()));
    return new Secret.Validation(
        TlsSettings.TRUST_BUNDLE,
        fromAuthority.withAll(fromControlPlane.roots().roots()),
        byTrustDomain);
  }

  /** Who is told, for the workload's status. */
  public Optional<CertificateRotation.RenewalTrouble> trouble() {
    return rotation.trouble();
  }

  @Override
  public void close() {
    rotation.close();
  }

  private synchronized void accept(IssuedCertificate issued) {
    fromAuthority = issued.roots();
    trustDomain = issued.certificate().spiffeId().trustDomain();
    material.putAll(
        List.of(
            new Secret.Certificate(TlsSettings.WORKLOAD_CERTIFICATE, issued.certificate()),
            merged()));
  }

  private final class Receiver implements CertificateRotation.Listener {
    @Override
    public void issued(IssuedCertificate issued) {
      accept(issued);
      ready.complete(null);
      LOG.info("{}", issued.certificate());
    }

    @Override
    public void renewalFailed(CertificateRotation.RenewalTrouble trouble) {
      LOG.debug("{}", trouble.message()); // the rotation has told it already
    }
  }
}
