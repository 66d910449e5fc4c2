package io.selvage.doctor.kubernetes;

import io.selvage.doctor.cloud.CloudSource;
import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.kubernetes.ControlPages.PodClock;
import io.selvage.doctor.kubernetes.ControlPlanePods.Replica;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.tls.TlsGreeting;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Looks at one cluster, whichever mesh it has: first whether it answers, then its objects, then
 * what only its Pods can tell. It changes nothing; what it may not see, it says, and goes on.
 */
public final class KubernetesCollector {
  private static final String TIME_UP = "the time was up before it was read";

  private final ClusterApi api;
  private final Settings settings;
  private final InstantSource clock;
  private final CloudSource cloud;

  /**
   * How far it looks.
   *
   * @param since from when on logs are read
   * @param proxies how many are asked for their whole configuration
   * @param conversation both sides of which are among those
   * @param limit of one page or handshake
   * @param patience with all Pods' pages, logs and handshakes together; what is not seen by then
   *     says so
   */
  public record Settings(
      Instant since,
      int proxies,
      Optional<Conversation> conversation,
      Duration limit,
      Duration patience) {
    /** What is good for most. */
    public static final int SOME_PROXIES = 25;

    /** Logs since then, some proxies, short waits. */
    public static Settings since(Instant since) {
      return new Settings(
          since, SOME_PROXIES, Optional.empty(), Duration.ofSeconds(5), Duration.ofMinutes(1));
    }
  }

  /** Of one cluster, without asking a cloud. */
  public KubernetesCollector(ClusterApi api, Settings settings, InstantSource clock) {
    this(api, settings, clock, CloudSource.NONE);
  }

  /**
   * Of one cluster.
   *
   * @param cloud asked where the mesh is a cloud's
   */
  public KubernetesCollector(
      ClusterApi api, Settings settings, InstantSource clock, CloudSource cloud) {
    this.cloud = cloud;
    this.api = api;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Looks at everything.
   *
   * @param progress is told what is being looked at
   */
  public ClusterEvidence collect(Consumer<String> progress) {
    return collect(progress, _ -> {});
  }

  /**
   * The same, and tells what was seen so far.
   *
   * @param soFar is given the objects once they were read; all else is unseen there
   */
  ClusterEvidence collect(Consumer<String> progress, Consumer<ClusterEvidence> soFar) {
    progress.accept("the API server");
    ApiReader reader = new ApiReader(api);
    Look<JsonNode> version = reader.document("/version", new Right("get", "/version", "", ""));
    if (version instanceof Look.Unseen<JsonNode>(String why, Optional<String> missing)
        && missing.isEmpty()
        && !answers()) {
      return unreached(why);
    }
    try (Parallel parallel = new Parallel()) {
      return new Run(reader, parallel, progress, soFar).all(version);
    }
  }

  private boolean answers() {
    try {
      return api.get("/readyz").isGood();
    } catch (IOException e) {
      return false;
    }
  }

  private ClusterEvidence unreached(String why) {
    return new ClusterEvidence(
        api.context(),
        api.server(),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        new Objects(unseen(why)),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        ProbeOutcome.notWanted(),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        Look.unseen(why),
        clock.instant(),
        settings.since());
  }

  /** The cluster before anything of it was read. */
  ClusterEvidence unread() {
    return unreached(TIME_UP);
  }

  /** What is known once the objects were read. */
  private ClusterEvidence onlyObjects(
      Look<JsonNode> version,
      Look<Flavour> flavour,
      Objects objects,
      Look<JsonNode> issuer,
      Look<JsonNode> keys) {
    return new ClusterEvidence(
        api.context(),
        api.server(),
        version,
        Look.seen(true),
        flavour,
        objects,
        Look.unseen(TIME_UP),
        Look.unseen(TIME_UP),
        Look.unseen(TIME_UP),
        Look.unseen(TIME_UP),
        Look.unseen(TIME_UP),
        ProbeOutcome.notWanted(),
        Look.unseen(TIME_UP),
        issuer,
        keys,
        Look.unseen(TIME_UP),
        Look.unseen(TIME_UP),
        clock.instant(),
        settings.since());
  }

  private static Map<Kind, Look<List<ApiObject>>> unseen(String why) {
    Map<Kind, Look<List<ApiObject>>> all = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      all.put(kind, Look.unseen(why));
    }
    return all;
  }

  /** One run, with what it works with. */
  private final class Run {
    private final ApiReader reader;
    private final Parallel parallel;
    private final Consumer<String> progress;
    private final Consumer<ClusterEvidence> soFar;
    private final ObjectCollector objects;

    Run(
        ApiReader reader,
        Parallel parallel,
        Consumer<String> progress,
        Consumer<ClusterEvidence> soFar) {
      this.soFar = soFar;
      this.reader = reader;
      this.parallel = parallel;
      this.progress = progress;
      this.objects = new ObjectCollector(reader, parallel);
    }

    private <T> CompletableFuture<T> begin(Supplier<T> work) {
      return parallel.begin(work);
    }

    ClusterEvidence all(Look<JsonNode> version) {
      progress.accept("objects");
      var issuer = begin(() -> wellKnown("/.well-known/openid-configuration"));
      var keys = begin(() -> wellKnown("/openid/v1/jwks"));
      Map<Kind, Look<List<ApiObject>>> byKind = new EnumMap<>(objects.ofCluster());
      Objects found = new Objects(byKind);
      Look<Flavour> sketch = new FlavourFinder(found).find();
      String home = sketch.found().map(Flavour::namespace).orElse(FlavourFinder.USUAL_NAMESPACE);
      var secrets = begin(() -> objects.secrets(home, found));
      var leases = begin(() -> objects.leases(home));
      var roots = begin(objects::roots);
      Look<List<ApiObject>> maps = objects.configMaps(home);
      Look<Flavour> flavour = completed(sketch, maps);
      byKind.put(Kind.SECRET, secrets.join());
      byKind.put(Kind.LEASE, leases.join());
      byKind.put(Kind.CONFIG_MAP, together(maps, roots.join()));
      Objects read = new Objects(byKind);
      soFar.accept(onlyObjects(version, flavour, read, issuer.join(), keys.join()));
      return told(version, flavour, read, issuer.join(), keys.join());
    }

    private Look<JsonNode> wellKnown(String path) {
      return reader.document(path, new Right("get", path, "", ""));
    }

    private ClusterEvidence told(
        Look<JsonNode> version,
        Look<Flavour> flavour,
        Objects all,
        Look<JsonNode> issuer,
        Look<JsonNode> keys) {
      progress.accept("Pods' pages, logs, certificates, rights");
      Optional<Flavour> mesh = flavour.found();
      List<Replica> replicas = mesh.map(found -> ControlPlanePods.of(found, all)).orElse(List.of());
      Kubelets kubelets = new Kubelets(all, settings.patience(), clock);
      PodPages pages = new PodPages(reader, kubelets, settings.limit());
      LogCollector logs = new LogCollector(reader, kubelets, parallel, settings.since());
      Set<String> focus = settings.conversation().map(both -> Focus.of(all, both)).orElse(Set.of());
      List<ApiObject> withProxies = ProxyCollector.withProxies(all, focus, clock.instant());
      List<ApiObject> some =
          withProxies.subList(0, Math.min(settings.proxies(), withProxies.size()));
      var proxyCollector = new ProxyCollector(pages, parallel, clock);
      var greeting = new HandshakeCollector(pages, parallel, new TlsGreeting(settings.limit()));
      var clocks = new ClockCollector(api, clock);

      var pod = podsSeen(all);
      var lines = begin(() -> pod.orElseGet(() -> controlLogs(logs, replicas)));
      var proxyLines = begin(() -> logs.read(some, "istio-proxy"::equals, ProxyLogs::tellsTrouble));
      var told = begin(() -> new ControlPages(pages, parallel).read(replicas, clock));
      var handshakes = begin(() -> mesh.map(found -> greeting.greet(found, replicas, all)));
      var access = begin(() -> mesh.map(found -> new AccessCollector(reader, parallel).ask(found)));
      var server = begin(clocks::server);
      var said = begin(() -> new CloudLook(all, mesh, cloud).look(api.context()));
      List<ProxyView> proxies =
          proxyCollector.read(
              withProxies, settings.proxies(), told.thenApply(ControlPages.Told::synced));
      ControlPages.Told pagesTold = told.join();
      Map<String, PodClock> dates = new HashMap<>(proxyCollector.dates());
      dates.putAll(pagesTold.dates());
      return new ClusterEvidence(
          api.context(),
          api.server(),
          version,
          Look.seen(true),
          flavour.map(found -> named(found, pagesTold.metrics())),
          all,
          lines.join(),
          all.look(Kind.POD) instanceof Look.Seen<List<ApiObject>>
              ? proxyLines.join()
              : like(all.look(Kind.POD)),
          replicas.isEmpty() && mesh.isEmpty() ? like(flavour) : pagesTold.metrics(),
          all.look(Kind.POD).map(_ -> proxies),
          handshakes.join().<Look<List<Handshake>>>map(Look::seen).orElseGet(() -> like(flavour)),
          ProbeOutcome.notWanted(),
          access.join().orElseGet(() -> like(flavour)),
          issuer,
          keys,
          clocks(server.join(), all, dates),
          said.join(),
          clock.instant(),
          settings.since());
    }

    private Optional<Look<List<LogLine>>> podsSeen(Objects all) {
      return all.look(Kind.POD) instanceof Look.Unseen<List<ApiObject>> unseen
          ? Optional.of(like(unseen))
          : Optional.empty();
    }

    private Look<List<LogLine>> controlLogs(LogCollector logs, List<Replica> replicas) {
      return replicas.isEmpty()
          ? Look.unseen("the control plane has no Pods here")
          : logs.read(
              replicas.stream().map(Replica::pod).toList(),
              name -> !name.equals("istio-proxy"),
              _ -> true);
    }

    private Look<List<ClockReading>> clocks(
        Look<ClockReading> server, Objects all, Map<String, PodClock> dates) {
      Look<List<ClockReading>> nodes =
          ClockCollector.nodes(all, all.look(Kind.LEASE), clock.instant());
      List<ClockReading> read = new ArrayList<>();
      server.found().ifPresent(read::add);
      nodes.found().ifPresent(read::addAll);
      read.addAll(ClockCollector.pods(dates));
      return server instanceof Look.Unseen<ClockReading> && read.isEmpty()
          ? like(server)
          : Look.seen(List.copyOf(read));
    }
  }

  private static Look<Flavour> completed(Look<Flavour> sketch, Look<List<ApiObject>> maps) {
    return sketch.map(found -> MeshSettings.completed(found, maps));
  }

  private static Look<List<ApiObject>> together(
      Look<List<ApiObject>> home, Look<List<ApiObject>> roots) {
    return ObjectCollector.all(List.of(home, roots)).map(all -> all.stream().distinct().toList());
  }

  /** The version as the control plane itself says it, where it does. */
  private static Flavour named(Flavour flavour, Look<List<Metric>> metrics) {
    String version =
        metrics.found().orElse(List.of()).stream()
            .filter(metric -> metric.name().equals("istio_build"))
            .map(metric -> metric.labels().getOrDefault("tag", ""))
            .filter(tag -> !tag.isEmpty() && !tag.equals("unknown"))
            .findFirst()
            .orElse(flavour.version());
    return new Flavour(
        flavour.kind(), version, flavour.namespace(), flavour.revisions(), flavour.trustDomain());
  }

  /** Unseen for the same reason. */
  private static <T> Look<T> like(Look<?> other) {
    return other instanceof Look.Unseen<?>(String why, Optional<String> missing)
        ? new Look.Unseen<>(why, missing)
        : Look.unseen("no mesh was found");
  }
}
