package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.CaServer;
import io.selvage.ca.CertificateIssuance;
import io.selvage.ca.IstioCertificateService;
import io.selvage.ca.MeshCertificateService;
import io.selvage.ca.ServingCertificate;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.AuthenticatorChain;
import io.selvage.ca.auth.ClientCertificateAuthenticator;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.control.CallerAuthenticator;
import io.selvage.control.ControlPlane;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.access.PermissionCheck;
import io.selvage.control.kubernetes.identity.ClusterIssuer;
import io.selvage.control.kubernetes.identity.ClusterObjects;
import io.selvage.control.kubernetes.identity.ServiceAccountTokens;
import io.selvage.control.kubernetes.identity.TokenReviews;
import io.selvage.control.kubernetes.lease.Leadership;
import io.selvage.control.kubernetes.source.KubernetesSource;
import io.selvage.control.kubernetes.source.StatusWriter;
import io.selvage.control.kubernetes.trust.ClusterAuthority;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshConfig;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.pki.CaProfile;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.server.AdsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane and the CA of one Kubernetes cluster, on one port: what {@code selvage control}
 * runs. {@link #run} reads as the order in which they begin.
 */
public final class KubernetesMesh implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesMesh.class);
  private static final int PUSH_THREADS = 2;

  private final KubernetesClient client;
  private final Settings settings;
  private final KeyFetch keys;
  private final Readiness readiness;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable ControlPlane plane;
  private volatile @Nullable CertificateAuthorityService authority;
  private volatile @Nullable Leadership leadership;

  /** By what a caller's token is judged. */
  public enum TokenCheck {
    /**
     * By the issuer's published keys and what the watches know; the API server where they don't.
     */
    JWKS,
    /** By the API server, each time. */
    REVIEW
  }

  /**
   * How it runs.
   *
   * @param cluster the cluster's id in the mesh
   * @param namespace the control plane's own, the root namespace of an installation
   * @param listen where CA and ADS are served; port 0 for a free one
   * @param tokens by what tokens are judged
   * @param identity of this replica in elections
   * @param times of elections
   * @param retry between tries of what does not work yet
   */
  public record Settings(
      String cluster,
      String namespace,
      InetSocketAddress listen,
      TokenCheck tokens,
      String identity,
      Leadership.Times times,
      Duration retry) {}

  /**
   * Prepares to run.
   *
   * @param client stays the caller's
   * @param keys how the keys of RequestAuthentications are had
   * @param readiness is told how far it is
   */
  public KubernetesMesh(
      KubernetesClient client,
      Settings settings,
      KeyFetch keys,
      Readiness readiness,
      InstantSource clock,
      SecureRandom random) {
    this.client = client;
    this.settings = settings;
    this.keys = keys;
    this.readiness = readiness;
    this.clock = clock;
    this.random = random;
  }

  /** A step that may have to be tried again. */
  private interface Step<T> {
    /** What came of it; empty, or a failure: not yet. */
    Optional<T> attempt() throws IOException;
  }

  /** Why it was not run to the end. */
  private static final class Closed extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Begins, step by step, each tried until it works; returns the port once proxies are served, or
   * empty when it was closed meanwhile.
   *
   * @throws IOException when it can't listen
   */
  public Optional<Integer> run() throws IOException, InterruptedException {
    try {
      until("permissions in the cluster", this::permitted);
      MeshConfig mesh = until("the mesh's settings", this::meshConfig);
      Leadership lead =
          keep(
              Leadership.join(client, settings.namespace(), settings.identity(), settings.times()));
      leadership = lead;
      CertificateAuthorityService signing = until("the CA", () -> authority(mesh, lead));
      authority = signing;
      Judge judge = until("the issuer of tokens", () -> Optional.of(judge(mesh.trustDomain())));
      return Optional.of(serve(mesh.trustDomain(), lead, signing, judge));
    } catch (Closed e) {
      return Optional.empty();
    } catch (IOException e) {
      if (closing.getCount() == 0) {
        return Optional.empty();
      }
      throw e;
    } catch (PkiException e) {
      throw new IOException("the CA cannot certify itself: " + e.getMessage(), e);
    }
  }

  private <T> T until(String what, Step<T> step) throws Closed, InterruptedException {
    String told = "";
    readiness.waitsFor(what);
    while (true) {
      String reason = what;
      try {
        Optional<T> done = step.attempt();
        if (done.isPresent()) {
          return done.get();
        }
      } catch (KubernetesClientException e) {
        reason = what + ": the API server: " + e.getMessage();
        readiness.waitsFor(reason);
      } catch (IOException e) {
        reason = what + ": " + e.getMessage();
        readiness.waitsFor(reason);
      }
      if (!reason.equals(told)) {
        LOG.warn("not ready, waiting for {}", reason);
        told = reason;
      }
      if (closing.await(settings.retry().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Closed();
      }
    }
  }

  private Optional<Boolean> permitted() throws IOException {
    MissingPermissions missing =
        new PermissionCheck(client).missing(Permission.needed(settings.namespace()));
    if (missing.isEmpty()) {
      return Optional.of(true);
    }
    throw new IOException(
        String.join("\n  ", missing.lines()) + "\nThis grants it:\n" + missing.grant());
  }

  /** What has to be known before anything is signed; the source follows it from then on. */
  private Optional<MeshConfig> meshConfig() throws IOException {
    ConfigMap map = client.configMaps().inNamespace(settings.namespace()).withName("istio").get();
    if (map == null) {
      return Optional.of(MeshConfig.DEFAULTS);
    }
    map.setApiVersion("v1");
    map.setKind("ConfigMap");
    String json = client.getKubernetesSerialization().asJson(map);
    ReadResult read =
        ResourceReader.readObject("ConfigMap " + settings.namespace() + "/istio", json);
    if (!read.refused().isEmpty()) {
      throw new IOException(read.problems().getFirst().toString());
    }
    return Optional.of(
        read.resources().stream()
            .filter(MeshConfig.class::isInstance)
            .map(MeshConfig.class::cast)
            .findFirst()
            .orElse(MeshConfig.DEFAULTS));
  }

  private Optional<CertificateAuthorityService> authority(MeshConfig mesh, Leadership lead)
      throws IOException {
    Optional<ClusterAuthority> found =
        ClusterAuthority.open(
            client,
            settings.namespace(),
            CertificateAuthorityService.Settings.of(
                new CaProfile.Istiod(mesh.trustDomain()), mesh.trustDomain()),
            lead::leads,
            clock,
            random);
    found.ifPresent(opened -> lead.onGain(keep(opened)::look));
    return found.map(ClusterAuthority::authority);
  }

  /** How tokens are judged, once it is known what the watches know. */
  private interface Judge {
    Authenticator of(ClusterObjects known);
  }

  private Judge judge(String trustDomain) throws IOException {
    return switch (settings.tokens()) {
      case JWKS -> {
        ClusterIssuer issuer = ClusterIssuer.of(client, clock);
        yield known -> ServiceAccountTokens.of(client, issuer, trustDomain, known, clock);
      }
      case REVIEW -> known -> new TokenReviews(client, trustDomain);
    };
  }

  private int serve(
      String trustDomain, Leadership lead, CertificateAuthorityService signing, Judge judge)
      throws IOException, PkiException {
    readiness.waitsFor("the cluster's resources");
    StatusWriter statuses = keep(new StatusWriter(client, lead::leads, clock));
    Workloads workloads = new Workloads(settings.cluster());
    KubernetesSource source =
        keep(KubernetesSource.of(client, settings.namespace(), workloads, statuses));
    Authenticator tokens = judge.of(new ClusterObjects(source));
    ControlPlane control =
        keep(
            ControlPlane.start(
                new ControlPlane.Parts(
                    source,
                    workloads,
                    signing.bundle(),
                    new CallerAuthenticator(tokens),
                    AdsServer.Options.DEFAULT,
                    new IstioPolicies(),
                    keys,
                    clock,
                    PUSH_THREADS)));
    plane = control;
    RootCertificateMaps maps =
        keep(new RootCertificateMaps(client, () -> signing.bundle().pem(), lead::leads));
    lead.onGain(maps::all);
    signing.onChange(
        state -> {
          control.trust().own(state.bundle());
          maps.all();
        });
    control.trust().own(signing.bundle());
    CaServer server = keep(listen(trustDomain, signing, tokens, control));
    readiness.ready();
    return server.port();
  }

  private CaServer listen(
      String trustDomain,
      CertificateAuthorityService signing,
      Authenticator tokens,
      ControlPlane control)
      throws IOException, PkiException {
    String namespace = settings.namespace();
    ServingCertificate serving =
        new ServingCertificate(
            signing,
            SpiffeId.workload(trustDomain, namespace, "istiod"),
            List.of(
                "istiod." + namespace + ".svc",
                "istiod." + namespace + ".svc.cluster.local",
                "selvage." + namespace + ".svc",
                "selvage." + namespace + ".svc.cluster.local"),
            clock);
    CertificateIssuance issuance =
        new CertificateIssuance(
            new AuthenticatorChain(
                List.of(
                    new ClientCertificateAuthenticator(() -> signing.signing().verifier()),
                    tokens)),
            signing::signing);
    return CaServer.start(
        settings.listen(),
        serving,
        signing::signing,
        List.of(
            new IstioCertificateService(issuance),
            new MeshCertificateService(issuance, clock),
            () -> control.ads().service()),
        AdsServer.MAX_REQUEST_BYTES);
  }

  /** Has {@code part} closed in the end, at once when that has come. */
  private <T extends AutoCloseable> T keep(T part) {
    synchronized (started) {
      started.push(part);
    }
    if (closing.getCount() == 0) {
      close();
    }
    return part;
  }

  /** The control plane, once it has begun. */
  public Optional<ControlPlane> plane() {
    return Optional.ofNullable(plane);
  }

  /** What signs, once it is known. */
  public Optional<CertificateAuthorityService> authority() {
    return Optional.ofNullable(authority);
  }

  /** Whether this replica does what only one may. */
  public boolean leads() {
    Leadership lead = leadership;
    return lead != null && lead.leads();
  }

  /** Ends what has begun, the latest first; a {@link #run} that waits returns. */
  @Override
  public void close() {
    closing.countDown();
    while (true) {
      AutoCloseable next;
      synchronized (started) {
        if (started.isEmpty()) {
          return;
        }
        next = started.pop();
      }
      try {
        next.close();
      } catch (Exception e) {
        LOG.warn("{} does not close", next, e);
      }
    }
  }
}
