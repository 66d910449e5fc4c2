package io.selvage.it.stage;

import io.grpc.BindableService;
import io.selvage.ca.CaServer;
import io.selvage.ca.CertificateIssuance;
import io.selvage.ca.IstioCertificateService;
import io.selvage.ca.auth.AuthenticatorChain;
import io.selvage.ca.auth.ClientCertificateAuthenticator;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.FileCaStore;
import io.selvage.control.CallerAuthenticator;
import io.selvage.control.ControlPlane;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.source.FolderSource;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.server.AdsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * A CA and a control plane of one cluster, joined as {@code selvage up} joins them, so that a test
 * can choose what connects to them, and kill them.
 */
public final class OnePlane implements AutoCloseable {
  /** The cluster's id. */
  public static final String CLUSTER = "local";

  /** The trust domain, which the folder's mesh settings must say, too. */
  public static final String TRUST_DOMAIN = "it.mesh";

  /** By which CA and control plane are known. */
  public static final String SERVER_NAME = "istiod.istio-system.svc";

  private final CertificateAuthorityService authority;
  private final CaServer ca;
  private final ControlPlane control;
  private final CaServer ads;

  /** The two servers' ports on 127.0.0.1; 0 for free ones. */
  public record Ports(int ca, int ads) {
    /** Whatever is free. */
    public static final Ports FREE = new Ports(0, 0);
  }

  private OnePlane(
      CertificateAuthorityService authority, CaServer ca, ControlPlane control, CaServer ads) {
    this.authority = authority;
    this.ca = ca;
    this.control = control;
    this.ads = ads;
  }

  /** Starts both, with the configuration in {@code folder} and the CA's state in {@code state}. */
  public static OnePlane start(Path folder, Path state, Ports ports) throws Exception {
    var clock = InstantSource.system();
    var authority =
        CertificateAuthorityService.open(
            CertificateAuthorityService.Settings.of(
                new CaProfile.Istiod(TRUST_DOMAIN), TRUST_DOMAIN),
            FileCaStore.open(state, clock),
            clock,
            new SecureRandom());
    WorkloadCertificate serving =
        authority
            .signing()
            .authority()
            .issueServing(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload(TRUST_DOMAIN, "istio-system", "istiod"),
                List.of(SERVER_NAME),
                Duration.ofDays(1));
    var issuance =
        new CertificateIssuance(
            new AuthenticatorChain(
                List.of(
                    new ClientCertificateAuthenticator(() -> authority.signing().verifier()),
                    authority.joinTokens().authenticator())),
            authority::signing);
    var ca =
        CaServer.start(
            new InetSocketAddress(RunningMesh.loopback(), ports.ca()),
            () -> serving,
            authority::signing,
            List.of(new IstioCertificateService(issuance)));
    var control =
        ControlPlane.start(
            new ControlPlane.Parts(
                new FolderSource(List.of(folder), file -> true, clock),
                new Workloads(CLUSTER),
                authority.bundle(),
                new CallerAuthenticator(authority.joinTokens().authenticator()),
                AdsServer.Options.DEFAULT,
                new IstioPolicies(),
                (address, timeout) -> {
                  throw new IOException("there is no network");
                },
                clock,
                2));
    var ads =
        CaServer.start(
            new InetSocketAddress(RunningMesh.loopback(), ports.ads()),
            () -> serving,
            authority::signing,
            List.<BindableService>of(
                new IstioCertificateService(issuance),
                () -> control.ads().service(),
                () -> control.ads().clientStatusService()),
            AdsServer.MAX_REQUEST_BYTES);
    return new OnePlane(authority, ca, control, ads);
  }

  /**
   * Registers a workload of namespace {@code sample} whose name is also its account and app.
   *
   * @param apps where its program listens, by port, when nothing is captured
   */
  public void register(String name, String address, Map<Integer, String> apps) {
    register(name, address, Map.of("app", name), apps, true);
  }

  /**
   * Registers a workload of namespace {@code sample} whose name is also its account.
   *
   * @param apps where its program listens, by port, when nothing is captured
   * @param hasProxy whether its peers speak mTLS to it
   */
  public void register(
      String name,
      String address,
      Map<String, String> labels,
      Map<Integer, String> apps,
      boolean hasProxy) {
    control
        .workloads()
        .put(
            new WorkloadInstance(
                name,
                "sample",
                name,
                labels,
                address,
                Map.of("http", 8000),
                apps,
                CLUSTER,
                "",
                1,
                hasProxy));
  }

  /** The control plane. */
  public ControlPlane control() {
    return control;
  }

  /** What a proxy of namespace {@code sample} has to know to join. */
  public Invitation invite(String account) {
    return invite("sample", account);
  }

  /** What a proxy has to know to join. */
  public Invitation invite(String namespace, String account) {
    return new Invitation(
        ca.port(),
        ads.port(),
        authority.bundle().pem(),
        authority.joinTokens().issue(namespace, account, Duration.ofHours(1)));
  }

  /** A certificate with this identity, without asking whose it is. */
  public WorkloadCertificate issue(SpiffeId identity) throws PkiException {
    return authority
        .signing()
        .authority()
        .issue(KeyAlgorithm.DEFAULT, identity, Duration.ofHours(1));
  }

  /** The CA, for rotating its root. */
  public CertificateAuthorityService authority() {
    return authority;
  }

  /** What an operator joins with, as the account {@code default} of the root namespace. */
  public Invitation operator() {
    return new Invitation(
        ca.port(),
        ads.port(),
        authority.bundle().pem(),
        authority.joinTokens().issue("istio-system", "default", Duration.ofHours(1)));
  }

  /**
   * What a proxy joins with.
   *
   * @param roots by which the servers are known, PEM
   * @param token its join token
   */
  public record Invitation(int caPort, int adsPort, String roots, String token) {}

  @Override
  public void close() {
    control.close();
    ads.close();
    ca.close();
  }
}
