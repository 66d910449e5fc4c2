package io.selvage.cli.mesh;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.CaptureRules.Endpoint;
import io.selvage.cli.netns.CaptureRules.ServiceAddress;
import io.selvage.cli.state.CertificateReport;
import io.selvage.cli.state.DenialReport;
import io.selvage.cli.state.Invitation;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.MeshStatus;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.control.admin.AdminServer;
import io.selvage.control.source.FolderSource;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.Resource;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The planes of all clusters in this process: for each a CA and a control plane, and before each
 * workload a proxy. The clusters know each other's workloads and trust each other's roots.
 */
public final class LocalPlanes implements Planes {

  private static final Duration STEP = Duration.ofMillis(10);
  private static final Duration RENEWAL = Duration.ofSeconds(15);
  private static final Duration JOIN_TOKEN_LIFE = Duration.ofMinutes(10);
  private static final String RENEWAL_IS_LATE = "SLV1007";

  private final MeshPlan plan;
  private final PlaneParts parts;
  private final Path caDirectory;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Map<String, LocalCluster> clusters = new LinkedHashMap<>();
  private final Map<CarriedWorkload.Key, Sidecar> sidecars = new ConcurrentSkipListMap<>();
  private final Map<CarriedWorkload.Key, AutoCloseable> names = new ConcurrentHashMap<>();
  private final List<AutoCloseable> started = new ArrayList<>();
  private final List<Runnable> onServices = new CopyOnWriteArrayList<>();
  private final MeshEvent.Listener events;
  private volatile List<WorkloadSpec> planned;

  /** One cluster's parts. */
  private record LocalCluster(
      MeshPlan.Cluster plan, ClusterCa ca, DeclaredWithWorkloads source, ClusterControl control) {}

  private LocalPlanes(
      MeshPlan plan,
      PlaneParts parts,
      Path caDirectory,
      InstantSource clock,
      SecureRandom random,
      MeshEvent.Listener events) {
    this.plan = plan;
    this.planned = plan.workloads();
    this.events = events;
    this.parts = parts;
    this.caDirectory = caDirectory;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Starts the clusters of {@code plan}.
   *
   * @param caDirectory where each cluster's CA keeps its state, in a folder of its own
   */
  public static LocalPlanes start(
      MeshPlan plan,
      PlaneParts parts,
      Path caDirectory,
      InstantSource clock,
      SecureRandom random,
      MeshEvent.Listener events)
      throws IOException {
    var planes = new LocalPlanes(plan, parts, caDirectory, clock, random, events);
    try {
      for (var cluster : plan.clusters()) {
        planes.start(cluster);
      }
      planes.joinAll();
      planes.distribute();
      return planes;
    } catch (IOException | RuntimeException e) {
      planes.close();
      throw e;
    }
  }

  private void start(MeshPlan.Cluster cluster) throws IOException {
    var ca =
        ClusterCa.start(
            cluster.ca(),
            cluster.cacerts(),
            declared(cluster).trustDomain(),
            caDirectory.resolve(cluster.name()),
            clock,
            random);
    started.add(ca);
    String prefix = plan.clusters().size() > 1 ? cluster.name() + ": " : "";
    var report = new ConfigurationReport(prefix, events);
    var enforcement = new EnforcementReport(prefix, events, clock);
    var effects =
        new ChangeEffects(prefix, events, () -> planned(cluster.name()), ChangeEffects.worker());
    started.add(effects);
    var source =
        new DeclaredWithWorkloads(
            new FolderSource(List.of(cluster.folder()), cluster::reads, clock),
            plan.workloads(),
            all -> {
              MeshSnapshot snapshot = Guests.without(all);
              if (report.taken(snapshot)) {
                enforcement.read(snapshot.generation());
              }
              effects.taken(snapshot);
            });
    var control = parts.control(cluster.name(), source, ca);
    started.add(control);
    control.onPush(
        () -> {
          onServices.forEach(Runnable::run);
          enforcement.pushed(
              control.snapshot().generation(), control::synced, () -> proxies(cluster.name()));
        });
    clusters.put(cluster.name(), new LocalCluster(cluster, ca, source, control));
  }

  private List<WorkloadSpec> planned(String cluster) {
    return planned.stream()
        .filter(workload -> workload.cluster().equals(cluster))
        .filter(workload -> !Guests.isTheirs(workload.namespace()))
        .toList();
  }

  private long proxies(String cluster) {
    return sidecars.entrySet().stream()
        .filter(of -> of.getKey().cluster().equals(cluster))
        .filter(of -> !(of.getValue() instanceof ExternalSidecar) || of.getValue().connected())
        .count();
  }

  /** The mesh's settings, which the CA has to know before the control plane begins. */
  private MeshConfig declared(MeshPlan.Cluster cluster) throws IOException {
    var config = new AtomicReference<>(MeshConfig.DEFAULTS);
    try (var source = new FolderSource(List.of(cluster.folder()), cluster::reads, clock)) {
      source.start(snapshot -> config.set(snapshot.meshConfig()));
    }
    return config.get();
  }

  private void joinAll() {
    for (var one : clusters.values()) {
      for (var other : clusters.values()) {
        if (!one.equals(other)) {
          one.control().workloads().join(other.control().workloads());
        }
      }
    }
  }

  /** Tells each CA and control plane the roots of all. */
  private void distribute() {
    for (var one : clusters.values()) {
      TrustBundle others = TrustBundle.empty();
      for (var other : clusters.values()) {
        if (!one.equals(other)) {
          others = others.withAll(ownRoots(other));
        }
      }
      try {
        one.ca().authority().federate(others);
      } catch (IOException | PkiException e) {
        throw new IllegalStateException("the roots of the other clusters are refused", e);
      }
      one.control().trust(one.ca().authority().bundle());
    }
  }

  private static List<X509Certificate> ownRoots(LocalCluster cluster) {
    return cluster.ca().authority().rotation().bundle().roots();
  }

  @Override
  public void carry(CarriedWorkload workload) throws IOException {
    WorkloadSpec spec = workload.spec();
    boolean external = spec.proxy() == WorkloadSpec.Proxy.EXTERNAL;
    if (external && workload.proxyPlace().isPresent()) {
      throw new UserError(
          ExitCode.NO_ACCESS,
          "proxy: external needs root, or SELVAGE_ISOLATION=http_proxy: in a user namespace there"
              + " is no second user whose traffic could be left uncaptured");
    }
    var cluster = cluster(spec.cluster());
    var ports = new LinkedHashMap<String, Integer>();
    spec.ports().forEach(port -> ports.put(port.name(), port.port()));
    cluster
        .control()
        .workloads()
        .put(
            new WorkloadInstance(
                spec.name(),
                spec.namespace(),
                spec.serviceAccount(),
                spec.labels(),
                workload.address(),
                ports,
                applications(workload),
                spec.cluster(),
                "",
                1,
                true));
    if (workload.place().isPresent()) {
      names.put(workload.key(), parts.names(workload, cluster.control()));
    }
    sidecars.put(
        workload.key(),
        external
            ? ExternalSidecar.of(workload, cluster.control())
            : parts.sidecar(workload, cluster.control(), cluster.ca()));
  }

  @Override
  public void drop(CarriedWorkload.Key workload) {
    var parts = new ArrayList<AutoCloseable>();
    Optional.ofNullable(names.remove(workload)).ifPresent(parts::add);
    Optional.ofNullable(sidecars.remove(workload)).ifPresent(parts::add);
    PlaneParts.closeAll(parts); // first, or it would still ask as one that nobody knows
    cluster(workload.cluster()).control().workloads().remove(workload.namespace(), workload.name());
  }

  @Override
  public void plan(List<WorkloadSpec> workloads) {
    planned = List.copyOf(workloads);
    clusters.values().forEach(cluster -> cluster.source().workloads(workloads));
  }

  @Override
  public void declare(String cluster, List<Resource> resources) {
    cluster(cluster).source().guests(resources);
  }

  @Override
  public Optional<List<ObjectNode>> implied(String name) {
    return Optional.ofNullable(clusters.get(name))
        .map(
            cluster ->
                ImpliedObjects.of(
                    cluster.control().snapshot(),
                    cluster.ca().authority().signing(),
                    cluster.plan().cacerts().isPresent()));
  }

  @Override
  public void onServices(Runnable listener) {
    onServices.add(listener);
  }

  @Override
  public List<Trouble> troubles() {
    var troubles = new ArrayList<Trouble>();
    clusters.values().forEach(cluster -> troubles.addAll(cluster.control().troubles()));
    troubles.addAll(workloadTroubles());
    return troubles;
  }

  @Override
  public List<Trouble> workloadTroubles() {
    var troubles = new ArrayList<Trouble>();
    sidecars.forEach((key, sidecar) -> troubles.addAll(troubles(key, sidecar)));
    return troubles;
  }

  private List<Trouble> troubles(CarriedWorkload.Key key, Sidecar sidecar) {
    var troubles = new ArrayList<Trouble>();
    sidecar
        .trouble()
        .ifPresent(
            trouble ->
                troubles.add(
                    new Trouble(
                        "the certificate of " + key,
                        key + ": " + trouble.code() + " " + trouble.message(),
                        trouble.code().equals(RENEWAL_IS_LATE))));
    if (sidecar.certificate().isPresent() && !sidecar.connected()) {
      troubles.add(
          new Trouble(
              "the configuration of " + key,
              key
                  + ": SLV7002 its proxy hears nothing from the control plane and goes on with"
                  + " what it was told last",
              false));
    }
    return troubles;
  }

  /** Where the proxy finds the application when that is not at the workload's own address. */
  private static Map<Integer, String> applications(CarriedWorkload workload) {
    var at = new LinkedHashMap<Integer, String>();
    if (workload.place().isEmpty()) {
      for (var port : workload.spec().ports()) {
        int listens =
            workload.spec().runs() instanceof WorkloadSpec.Listening listening
                ? listening.at().getPort()
                : port.port();
        at.put(port.port(), workload.application() + ":" + listens);
      }
    }
    return at;
  }

  @Override
  public List<String> awaitReady(Duration limit) throws InterruptedException {
    until(() -> waiting().isEmpty(), limit);
    return waiting();
  }

  private List<String> waiting() {
    return sidecars.entrySet().stream()
        .flatMap(e -> e.getValue().waitsFor().map(what -> e.getKey() + ": " + what).stream())
        .toList();
  }

  private static boolean until(BooleanSupplier holds, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(STEP);
    }
    return true;
  }

  @Override
  public List<ServiceAddress> services(String cluster) {
    var services = cluster(cluster).control().services();
    return services.services().stream()
        .flatMap(
            service ->
                service.addresses().stream()
                    .flatMap(
                        address ->
                            service.ports().stream()
                                .map(
                                    port ->
                                        new ServiceAddress(
                                            address,
                                            port.number(),
                                            services
                                                .endpoints(service.host(), port.number())
                                                .stream()
                                                .map(e -> new Endpoint(e.address(), e.port()))
                                                .toList()))))
        .filter(service -> service.address().indexOf(':') < 0)
        .toList();
  }

  @Override
  public List<MeshStatus.Cluster> clusters() {
    return clusters.values().stream().map(this::status).toList();
  }

  private MeshStatus.Cluster status(LocalCluster cluster) {
    var snapshot = cluster.control().snapshot();
    return new MeshStatus.Cluster(
        cluster.plan().name(),
        snapshot.meshConfig().trustDomain(),
        cluster.plan().ca(),
        cluster.ca().authority().bundle().roots().stream()
            .map(
                root ->
                    "%s, until %tF, sha256 %s…"
                        .formatted(
                            root.getSubjectX500Principal().getName(),
                            root.getNotAfter(),
                            Fingerprint.sha256Hex(root).substring(0, 12)))
            .toList(),
        snapshot.generation(),
        parts.metrics(cluster.plan().name()).orElse(""),
        cluster.control().admin().admin() + AdminServer.METRICS,
        snapshot.problems().stream()
            .filter(problem -> problem.severity() == Problem.Severity.WARNING)
            .map(problem -> problem.code() + " " + problem.render())
            .toList(),
        Stream.concat(
                snapshot.problems().stream()
                    .filter(Problem::isError)
                    .map(problem -> problem.code() + " " + problem.render()),
                cluster.control().troubles().stream().map(Trouble::text))
            .toList());
  }

  @Override
  public String identity(CarriedWorkload workload) {
    var config = cluster(workload.spec().cluster()).control().snapshot().meshConfig();
    return SpiffeId.workload(
            config.trustDomain(), workload.spec().namespace(), workload.spec().serviceAccount())
        .toString();
  }

  @Override
  public Invitation invite(CarriedWorkload workload) {
    var spec = workload.spec();
    var cluster = cluster(spec.cluster());
    return new Invitation(
        "127.0.0.1:" + cluster.ca().port(),
        "127.0.0.1:" + cluster.control().port(),
        ClusterCa.SERVER_NAME,
        cluster.ca().authority().bundle().pem(),
        cluster
            .ca()
            .authority()
            .joinTokens()
            .issue(spec.namespace(), spec.serviceAccount(), JOIN_TOKEN_LIFE),
        workload.nodeId(),
        workload.nodeCluster(),
        workload.nodeMetadata());
  }

  @Override
  public Optional<Invitation> operator(String name) {
    return Optional.ofNullable(clusters.get(name)).map(this::operator);
  }

  /** Istio's tools ask as the account {@code default} of the root namespace. */
  private Invitation operator(LocalCluster cluster) {
    String namespace = cluster.control().snapshot().meshConfig().rootNamespace();
    return new Invitation(
        "127.0.0.1:" + cluster.ca().port(),
        "127.0.0.1:" + cluster.control().port(),
        ClusterCa.SERVER_NAME,
        cluster.ca().authority().bundle().pem(),
        cluster.ca().authority().joinTokens().issue(namespace, "default", JOIN_TOKEN_LIFE),
        "",
        "",
        Map.of(Invitation.CLUSTER_ID, cluster.plan().name()));
  }

  @Override
  public List<MeshState.ControlPlane> controlPlanes() {
    return clusters.values().stream().map(cluster -> cluster.control().admin()).toList();
  }

  @Override
  public String proxyState(CarriedWorkload.Key workload) {
    return sidecar(workload).state();
  }

  @Override
  public Optional<CertificateReport> certificates(CarriedWorkload.Key workload) {
    var sidecar = sidecar(workload);
    return sidecar
        .certificate()
        .map(
            held ->
                new CertificateReport(
                    MeshStatus.API_VERSION,
                    workload.toString(),
                    held.spiffeId().toString(),
                    held.certificates().stream().map(LocalPlanes::shown).toList(),
                    sidecar.trusted().roots().stream().map(LocalPlanes::shown).toList(),
                    sidecar.trouble().map(t -> t.code() + " " + t.message()).orElse("")));
  }

  private static CertificateReport.Certificate shown(X509Certificate certificate) {
    return new CertificateReport.Certificate(
        certificate.getSubjectX500Principal().getName(),
        certificate.getIssuerX500Principal().getName(),
        certificate.getSerialNumber().toString(16),
        Fingerprint.sha256Hex(certificate),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant());
  }

  @Override
  public void rotateCertificate(CarriedWorkload.Key workload)
      throws IOException, InterruptedException {
    var sidecar = sidecar(workload);
    var before = sidecar.certificate().map(held -> held.sha256Hex());
    sidecar.renew();
    if (!until(
        () -> !sidecar.certificate().map(held -> held.sha256Hex()).equals(before), RENEWAL)) {
      throw new IOException(
          workload
              + " has no other certificate after "
              + RENEWAL.toSeconds()
              + " s: "
              + sidecar.trouble().map(t -> t.code() + " " + t.message()).orElse("no reason known"));
    }
  }

  @Override
  public List<String> rotateRoot(String cluster) throws IOException, InterruptedException {
    for (var of : sidecars.entrySet()) {
      if (of.getValue() instanceof ExternalSidecar) {
        throw new IOException(
            "the old root cannot be dropped: nobody knows when the agent of %s has renewed"
                .formatted(of.getKey()));
      }
    }
    var everyone = new LinkedHashMap<String, Sidecar>();
    var own = new LinkedHashMap<String, Sidecar>();
    sidecars.forEach(
        (key, sidecar) -> {
          everyone.put(key.toString(), sidecar);
          if (key.cluster().equals(cluster)) {
            own.put(key.toString(), sidecar);
          }
        });
    return new RootChange(cluster(cluster).ca().authority(), this::distribute, LocalPlanes::until)
        .run(everyone, own);
  }

  @Override
  public Optional<DenialReport> why(String requestId) {
    return sidecars.values().stream().flatMap(s -> s.why(requestId).stream()).findFirst();
  }

  @Override
  public List<DenialReport> denials(int count) {
    return sidecars.values().stream()
        .flatMap(sidecar -> sidecar.denials(count).stream())
        .sorted(Comparator.comparing(DenialReport::time).reversed())
        .limit(count)
        .toList();
  }

  private LocalCluster cluster(String name) {
    var cluster = clusters.get(name);
    if (cluster == null) {
      throw new IllegalArgumentException("no cluster " + name);
    }
    return cluster;
  }

  private Sidecar sidecar(CarriedWorkload.Key key) {
    var sidecar = sidecars.get(key);
    if (sidecar == null) {
      throw new IllegalArgumentException("no workload " + key);
    }
    return sidecar;
  }

  @Override
  public void close() {
    PlaneParts.closeAll(List.copyOf(names.values()));
    PlaneParts.closeAll(List.copyOf(sidecars.values()));
    PlaneParts.closeAll(started);
    parts.close();
  }
}
