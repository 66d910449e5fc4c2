package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.CaServer;
import io.selvage.ca.ServingCertificate;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.control.CallerAuthenticator;
import io.selvage.control.ControlPlane;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.control.kubernetes.Startup.Closed;
import io.selvage.control.kubernetes.access.MissingEvent;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.access.PermissionCheck;
import io.selvage.control.kubernetes.event.ClusterEvents;
import io.selvage.control.kubernetes.identity.ClusterIssuer;
import io.selvage.control.kubernetes.identity.ClusterObjects;
import io.selvage.control.kubernetes.identity.ClusterTokens;
import io.selvage.control.kubernetes.identity.ServiceAccountTokens;
import io.selvage.control.kubernetes.identity.TokenReviews;
import io.selvage.control.kubernetes.identity.TrustDomainNow;
import io.selvage.control.kubernetes.inject.InjectionAdmission;
import io.selvage.control.kubernetes.inject.InjectionChoices;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.lease.Leadership;
import io.selvage.control.kubernetes.remote.Federation;
import io.selvage.control.kubernetes.remote.NeighbourTokens;
import io.selvage.control.kubernetes.remote.RemoteClusters;
import io.selvage.control.kubernetes.source.KubernetesSource;
import io.selvage.control.kubernetes.source.Revisions;
import io.selvage.control.kubernetes.source.StatusWriter;
import io.selvage.control.kubernetes.trust.AuthorityEvents;
import io.selvage.control.kubernetes.trust.ClusterAuthority;
import io.selvage.control.kubernetes.trust.ClusterTrustBundles;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.control.kubernetes.trust.TrustReport;
import io.selvage.control.kubernetes.webhook.Admission;
import io.selvage.control.kubernetes.webhook.AdmissionServer;
import io.selvage.control.kubernetes.webhook.CaBundles;
import io.selvage.control.kubernetes.webhook.ChangeReview;
import io.selvage.control.kubernetes.webhook.DemandsMap;
import io.selvage.control.kubernetes.webhook.ValidationAdmission;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.pki.CaProfile;
import io.selvage.pki.PkiException;
import io.selvage.xds.server.AdsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The control plane and the CA of one Kubernetes cluster: what {@code selvage control} runs. {@link
 * #run} reads as the order in which they begin.
 */
public final class KubernetesMesh implements AutoCloseable {
  private static final int PUSH_THREADS = 2;

  private final KubernetesClient client;
  private final Settings settings;
  private final KeyFetch keys;
  private final Readiness readiness;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Startup start;
  private Reviewer reviewer = (_, _, _) -> ChangeReview.NONE;
  private volatile @Nullable ControlPlane plane;
  private volatile @Nullable CertificateAuthorityService authority;
  private volatile @Nullable Leadership leadership;
  private volatile @Nullable AdmissionServer webhooks;

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
   * @param webhooks where the API server's admission reviews are answered; port 0 for a free one
   * @param tokens by what tokens are judged
   * @param identity of this replica in elections
   * @param injection what was chosen for sidecars
   * @param times of elections
   * @param retry between tries of what does not work yet
   */
  public record Settings(
      String cluster,
      String namespace,
      InetSocketAddress listen,
      InetSocketAddress webhooks,
      TokenCheck tokens,
      String identity,
      InjectionChoices injection,
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
    this.start = new Startup(readiness, settings.retry());
  }

  /** Who makes the review of changes, from what they are to be judged by. */
  @FunctionalInterface
  public interface Reviewer {
    /**
     * Makes it.
     *
     * @param inForce the configuration
     * @param workloads the cluster's own
     * @param demands what users demand of policies, texts by name; throws {@link
     *     io.fabric8.kubernetes.client.KubernetesClientException}
     */
    ChangeReview over(
        Supplier<MeshSnapshot> inForce,
        Supplier<List<WorkloadInstance>> workloads,
        Supplier<Map<String, String>> demands);
  }

  /** Has changes of policy reviewed before they are stored; to be called before {@link #run}. */
  public void reviewing(Reviewer changes) {
    this.reviewer = changes;
  }

  /**
   * Begins, step by step, each tried until it works; returns the port once proxies are served, or
   * empty when it was closed meanwhile.
   *
   * @throws IOException when it can't listen
   */
  public Optional<Integer> run() throws IOException, InterruptedException {
    try {
      ClusterEvents events = start.keep(new ClusterEvents(client, settings.identity(), clock));
      start.until("permissions in the cluster", () -> permitted(events));
      MeshConfig mesh = start.until("the mesh's settings", this::meshConfig);
      Leadership lead = start.keep(lead());
      leadership = lead;
      CertificateAuthorityService signing =
          start.until("the CA", () -> authority(mesh, lead, events));
      authority = signing;
      Judge judge = start.until("the issuer of tokens", () -> judge(mesh.trustDomain()));
      InjectionSettings injection =
          start.until("the API server's version", () -> injection(mesh.trustDomain()));
      readiness.waitsFor("the cluster's resources");
      return Optional.of(serve(mesh.trustDomain(), lead, signing, judge, injection, events));
    } catch (Closed e) {
      return Optional.empty();
    } catch (IOException e) {
      if (start.isClosing()) {
        return Optional.empty();
      }
      throw e;
    } catch (PkiException e) {
      throw new IOException("the CA cannot certify itself: " + e.getMessage(), e);
    }
  }

  private int serve(
      String trustDomain,
      Leadership lead,
      CertificateAuthorityService signing,
      Judge judge,
      InjectionSettings injection,
      ClusterEvents events)
      throws IOException, PkiException, InterruptedException {
    StatusWriter statuses = start.keep(new StatusWriter(client, lead::leads, clock));
    Workloads workloads = new Workloads(settings.cluster());
    KubernetesSource source =
        start.keep(
            KubernetesSource.of(client, settings.namespace(), workloads, statuses, revisions()));
    RemoteClusters remotes = start.keep(remotes(workloads, trustDomain));
    TrustDomainNow names = new TrustDomainNow(trustDomain);
    Authenticator tokens =
        names.over(
            new ClusterTokens(
                settings.cluster(),
                judge.of(new ClusterObjects(source)),
                new NeighbourTokens(remotes, names, signing::bundle)));
    ControlPlane control = start.keep(controlPlane(source, workloads, tokens, signing));
    plane = control;
    var _ = control.onRound(() -> names.follow(control.snapshot().meshConfig(), signing));
    names.follow(control.snapshot().meshConfig(), signing);
    control.trust().own(signing.bundle());
    signing.onChange(state -> control.trust().own(state.bundle()));
    publishRoots(lead, signing, events);
    start.keep(
        new TrustReport(
            client, settings.namespace(), settings.identity(), signing, names::accepted));
    Federation federation =
        new Federation(
            remotes,
            control.trust(),
            () -> control.snapshot().meshConfig(),
            () -> signing.signing().authority().root());
    var _ = control.onRound(federation::look);
    control.alsoTells(remotes::problems);
    readiness.tellsOfClusters(remotes::standing);
    control.alsoTells(start.keep(new ServerClock(client, clock))::problems);
    control.alsoTells(federation::problems);
    readiness.waitsFor("the other clusters");
    remotes.await(RemoteClusters.TIMEOUT);
    ServingCertificate serving =
        MeshEndpoint.certificate(signing, trustDomain, settings.namespace(), clock);
    webhooks =
        start.keep(
            AdmissionServer.start(settings.webhooks(), serving, admissions(control, injection)));
    CaServer server =
        start.keep(
            MeshEndpoint.listen(
                settings.listen(), serving, signing, names, tokens, control, clock));
    readiness.ready();
    return server.port();
  }

  /** Where others find the roots, kept by the replica that leads: for Pods and the API server. */
  private void publishRoots(
      Leadership lead, CertificateAuthorityService signing, ClusterEvents events) {
    Supplier<String> all = () -> signing.bundle().pem();
    Supplier<String> own = () -> signing.ownBundle().pem();
    var maps =
        start.keep(
            new RootCertificateMaps(client, settings.namespace(), signing::signing, lead::leads));
    var trust = start.keep(new ClusterTrustBundles(client, all, lead::leads));
    var webhooks =
        start.keep(new CaBundles(client, settings.namespace(), own, lead::leads, events, clock));
    for (Runnable look : List.<Runnable>of(maps::all, trust::all, webhooks::all)) {
      lead.onGain(look);
      signing.onChange(_ -> look.run());
    }
  }

  /** What the API server asks about, by the path of its webhook. */
  private Map<String, Admission> admissions(ControlPlane control, InjectionSettings injection) {
    ChangeReview review =
        reviewer.over(
            control::snapshot,
            () -> control.workloads().instances(),
            () -> DemandsMap.read(client, settings.namespace()));
    return Map.of(
        "/validate",
        new ValidationAdmission(review, revisions()),
        "/inject",
        new InjectionAdmission(
            () -> injection.with(control.snapshot().meshConfig().sidecarDefaults())));
  }

  private Revisions revisions() {
    return Revisions.of(settings.injection().revisionTags(), settings.injection().istioLabels());
  }

  private RemoteClusters remotes(Workloads workloads, String trustDomain) {
    return RemoteClusters.start(
        client, new RemoteClusters.Settings(settings.namespace(), trustDomain), workloads);
  }

  private Leadership lead() {
    return Leadership.join(
        client, settings.namespace(), settings.identity(), settings.times(), clock);
  }

  private Optional<Boolean> permitted(ClusterEvents events) throws IOException {
    MissingPermissions missing =
        new PermissionCheck(client).missing(Permission.needed(settings.namespace()));
    if (missing.isEmpty()) {
      return Optional.of(true);
    }
    MissingEvent.tell(missing, events);
    throw new IOException(
        String.join("\n  ", missing.lines()) + "\nThis grants it:\n" + missing.grant());
  }

  private Optional<InjectionSettings> injection(String trustDomain) {
    return Optional.of(
        settings
            .injection()
            .in(
                settings.namespace(),
                trustDomain,
                settings.cluster(),
                ServerVersion.minor(client)));
  }

  private Optional<MeshConfig> meshConfig() throws IOException {
    return Optional.of(MeshSettingsMap.read(client, settings.namespace()));
  }

  private Optional<CertificateAuthorityService> authority(
      MeshConfig mesh, Leadership lead, ClusterEvents events) throws IOException {
    Optional<ClusterAuthority> found =
        ClusterAuthority.open(
            client,
            settings.namespace(),
            CertificateAuthorityService.Settings.of(
                new CaProfile.Istiod(mesh.trustDomain()), mesh.trustDomain()),
            lead::leads,
            clock,
            random);
    found.ifPresent(opened -> lead.onGain(start.keep(opened)::look));
    found.ifPresent(opened -> AuthorityEvents.tell(opened, events, lead::leads));
    return found.map(ClusterAuthority::authority);
  }

  /** How tokens are judged, once it is known what the watches know. */
  private interface Judge {
    Authenticator of(ClusterObjects known);
  }

  private Optional<Judge> judge(String trustDomain) throws IOException {
    return switch (settings.tokens()) {
      case JWKS -> {
        ClusterIssuer issuer = ClusterIssuer.of(client, clock);
        yield Optional.of(
            known -> ServiceAccountTokens.of(client, issuer, trustDomain, known, clock));
      }
      case REVIEW -> Optional.of(known -> new TokenReviews(client, trustDomain));
    };
  }

  private ControlPlane controlPlane(
      KubernetesSource source,
      Workloads workloads,
      Authenticator tokens,
      CertificateAuthorityService signing)
      throws IOException {
    return ControlPlane.start(
        new ControlPlane.Parts(
            source,
            workloads,
            signing.bundle(),
            new CallerAuthenticator(tokens),
            AdsServer.Options.DEFAULT,
            new IstioPolicies(),
            keys,
            clock,
            PUSH_THREADS));
  }

  /** The control plane, once it has begun. */
  public Optional<ControlPlane> plane() {
    return Optional.ofNullable(plane);
  }

  /** What signs, once it is known. */
  public Optional<CertificateAuthorityService> authority() {
    return Optional.ofNullable(authority);
  }

  /** Where admission reviews are answered, once they are. */
  public Optional<Integer> webhookPort() {
    return Optional.ofNullable(webhooks).map(AdmissionServer::port);
  }

  /** Whether this replica does what only one may. */
  public boolean leads() {
    Leadership lead = leadership;
    return lead != null && lead.leads();
  }

  /** Ends what has begun, the latest first; a {@link #run} that waits returns. */
  @Override
  public void close() {
    start.close();
  }
}
