package io.selvage.cli.mesh;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogFolder;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.netns.CaptureRules.ServiceAddress;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.HostCommands;
import io.selvage.cli.netns.HostCommands.Outcome;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.state.AdminServer;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.MeshStatus;
import io.selvage.cli.state.StateDirectory;
import io.selvage.cli.state.WorkloadEntry;
import io.selvage.cli.workloads.WorkloadSpec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mesh that runs on this machine, whole: network, planes, workloads' processes, and the state by
 * which other commands find it. Stopping goes the way of starting, backwards, and leaves nothing.
 */
public final class Mesh implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);
  private static final Duration READY = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration SOCKETS_LOOK = Duration.ofMillis(20);
  private static final int LOOKS_UNTIL_TROUBLE = 5;
  private static final int DENIALS = 20;
  private static final Duration GUESTS_LIFE = Duration.ofMinutes(2);

  private final Surroundings around;
  private final Path folder;
  private final Instant startedAt;
  private final MeshEvent.Listener events;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-mesh").factory());
  private final Map<CarriedWorkload.Key, CarriedWorkload> workloads = new ConcurrentSkipListMap<>();

  private final Guests guests = new Guests();
  private MeshPlan plan;
  private @Nullable LogFolder logs;
  private @Nullable Places places;
  private @Nullable Planes planes;
  private @Nullable Applications applications;
  private @Nullable AdminServer admin;
  private volatile boolean stopping;
  private boolean closed;
  private List<ServiceAddress> addressed = List.of();
  private List<MeshState.Workload> written = List.of();
  private int looks;

  /**
   * A mesh that is not started yet; closing it is right at any time from now on.
   *
   * @param plan what it shall be
   */
  public Mesh(MeshPlan plan, Surroundings around) throws IOException {
    this.plan = plan;
    this.around = around;
    this.startedAt = around.time().instant();
    this.folder = around.state().path(plan.name());
    this.events =
        event -> {
          LOG.info("{}", event.text().replace("\n", "; "));
          around.events().happened(event);
        };
  }

  /**
   * What a mesh is started with.
   *
   * @param launcher the {@code selvage} that workloads' commands may name; empty: none
   * @param events who reads what happens
   */
  public record Surroundings(
      HostCommands host,
      Isolation isolation,
      StateDirectory state,
      Planes.Maker planes,
      Optional<Path> launcher,
      MeshEvent.Listener events,
      InstantSource time,
      SecureRandom random) {}

  /** Where the logs of a mesh of this name are while it runs. */
  public static Path logs(StateDirectory state, String name) {
    return state.path(name).resolve("logs");
  }

  /**
   * Starts everything that the plan names, after clearing what a killed mesh of its name left.
   *
   * @throws UserError when a mesh of this name runs already, or the workloads' proxies do not get
   *     ready; nothing stays behind
   * @throws IOException when the machine refuses something; nothing stays behind
   */
  public void start() throws IOException, InterruptedException {
    try {
      around.state().refuseTwice(plan.name());
    } catch (UserError e) {
      closed = true; // what is there belongs to the other
      throw e;
    }
    try {
      startAll();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Ends and removes what a mesh of this name left when its process was killed. */
  private void clearStale() throws IOException {
    around
        .state()
        .read(plan.name())
        .ifPresent(
            stale -> {
              events.note(
                  "cleared what process %d left of mesh %s".formatted(stale.pid(), plan.name()));
              stale.workloads().stream()
                  .flatMap(w -> MeshState.process(w.pid(), w.processStarted()).stream())
                  .forEach(ProcessHandle::destroyForcibly);
            });
    if (around.isolation().mode().namespaces()) {
      MeshNetwork.removeAll(around.host(), plan.name());
    }
    around.state().clear(plan.name());
  }

  private synchronized void startAll() throws IOException, InterruptedException {
    goOn();
    clearStale();
    around.state().folder(plan.name());
    var opened = LogFolder.open(logs(around.state(), plan.name()), around.time());
    logs = opened;
    LogRouting.to(opened);
    writeState();
    places = Places.open(plan, around.isolation(), around.host(), folder.resolve("netns"));
    planes = around.planes().start(plan, events);
    applications =
        new Applications(
            around.isolation().mode(),
            logs(around.state(), plan.name()),
            around.launcher(),
            clock,
            events);
    for (var spec : plan.workloads()) {
      goOn();
      carry(spec);
    }
    var waiting = ready();
    if (!waiting.isEmpty()) {
      throw new UserError(
          ExitCode.TIME_OUT,
          "these are not ready after "
              + READY.toSeconds()
              + " s:\n  "
              + String.join("\n  ", waiting));
    }
    setServiceAddresses(true);
    planes().onServices(this::servicesMayDiffer);
    admin = AdminServer.start(questions(), actions(), around.random());
    writeState();
  }

  /** Ends a start that is no longer wanted. */
  private void goOn() throws InterruptedException {
    if (stopping) {
      throw new InterruptedException("the mesh is stopped");
    }
  }

  private List<String> ready() throws InterruptedException {
    long end = System.nanoTime() + READY.toNanos();
    List<String> waiting;
    do {
      goOn();
      waiting = planes().awaitReady(LOOK);
    } while (!waiting.isEmpty() && System.nanoTime() < end);
    if (waiting.isEmpty()) {
      awaitApplications(end);
    }
    return waiting;
  }

  /** A proxy without its application answers 503; an application that never listens is told of. */
  private void awaitApplications(long end) throws InterruptedException {
    List<String> silent = made(applications).waiting();
    while (!silent.isEmpty() && System.nanoTime() < end) {
      goOn();
      Thread.sleep(SOCKETS_LOOK);
      silent = made(applications).waiting();
    }
    silent.forEach(what -> events.bad("still waits for " + what));
  }

  private void carry(WorkloadSpec spec) throws IOException {
    var carried = made(places).give(spec);
    workloads.put(carried.key(), carried);
    planes().carry(carried);
    made(applications).start(carried, state(carried));
    writeState();
  }

  private void drop(CarriedWorkload carried) {
    made(applications).stop(carried.key());
    planes().drop(carried.key());
    made(places).take(carried);
    workloads.remove(carried.key());
  }

  /**
   * Takes other workloads while the mesh is up: those that are gone or differ are stopped, those
   * that are new or differ are started.
   *
   * @throws UserError when more than workloads differs; nothing is changed then
   */
  public synchronized void change(MeshPlan next) throws IOException, InterruptedException {
    if (stopping) {
      return;
    }
    if (!next.clusters().equals(plan.clusters())) {
      throw new UserError(
          ExitCode.USAGE,
          "the list of clusters cannot change while the mesh is up: start it again");
    }
    var wanted =
        Stream.concat(next.workloads().stream(), guests.workloads().stream())
            .collect(
                Collectors.toMap(
                    spec -> new CarriedWorkload.Key(spec.cluster(), spec.namespace(), spec.name()),
                    Function.identity(),
                    (first, _) -> first,
                    LinkedHashMap::new));
    plan = next;
    for (var carried : List.copyOf(workloads.values())) {
      var spec = wanted.get(carried.key());
      if (!carried.spec().equals(spec)) {
        drop(carried);
        if (!Guests.isTheirs(carried.spec().namespace())) {
          events.note(
              carried.key() + (spec == null ? " is stopped" : " is stopped, to start anew"));
        }
      }
    }
    planes().plan(List.copyOf(wanted.values()));
    var fresh = new ArrayList<CarriedWorkload.Key>();
    for (var entry : wanted.entrySet()) {
      if (!workloads.containsKey(entry.getKey()) && added(entry.getValue())) {
        fresh.add(entry.getKey());
      }
    }
    var waiting = fresh.isEmpty() ? List.<String>of() : ready();
    setServiceAddresses(true);
    writeState();
    waiting.forEach(what -> events.bad(what + " (it is not ready yet)"));
    fresh.stream()
        .filter(key -> !Guests.isTheirs(key.namespace()))
        .filter(key -> waiting.stream().noneMatch(what -> what.startsWith(key + ":")))
        .forEach(key -> events.good(key + " is up"));
  }

  private boolean added(WorkloadSpec spec) {
    try {
      carry(spec);
      return true;
    } catch (IOException | UserError e) {
      var key = new CarriedWorkload.Key(spec.cluster(), spec.namespace(), spec.name());
      Optional.ofNullable(workloads.get(key)).ifPresent(this::drop);
      events.bad(key + " does not start: " + e.getMessage());
      return false;
    }
  }

  /**
   * Looks after the mesh from now on: after {@code watch}, such as that of the workloads' file, and
   * after what is amiss.
   */
  public void attend(WorkloadsWatch watch) {
    var troubles = new TroubleWatch(events);
    var _ =
        clock.scheduleWithFixedDelay(
            () -> attend(watch, troubles), LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void attend(WorkloadsWatch watch, TroubleWatch troubles) {
    try {
      watch.look();
      if (++looks % LOOKS_UNTIL_TROUBLE == 0) {
        troubles.look(planes().troubles());
        writeStateAnew();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.error("a look at the mesh failed", e);
    }
  }

  private void servicesMayDiffer() {
    try {
      clock.execute(
          () -> {
            try {
              setServiceAddresses(false);
            } catch (IOException e) {
              LOG.warn("service addresses are not renewed: {}", e.getMessage());
            }
          });
    } catch (RejectedExecutionException e) {
      // the mesh ends
    }
  }

  /**
   * @param everywhere also where they are the same as before: there may be new namespaces
   */
  private synchronized void setServiceAddresses(boolean everywhere) throws IOException {
    if (closed) {
      return;
    }
    var all = new ArrayList<ServiceAddress>();
    plan.clusters().forEach(cluster -> all.addAll(planes().services(cluster.name())));
    List<ServiceAddress> now = all.stream().distinct().toList();
    if (everywhere || !now.equals(addressed)) {
      made(places).services(now);
      addressed = now;
    }
  }

  private Map<String, Function<String, Optional<?>>> questions() {
    return Map.of(
        "/v1/status", _ -> Optional.of(status()),
        "/v1/operator", planes()::operator,
        "/v1/join", key -> external(key).map(planes()::invite),
        "/v1/implied", planes()::implied,
        "/v1/certs", key -> key(key).flatMap(planes()::certificates),
        "/v1/denials", _ -> Optional.of(planes().denials(DENIALS)),
        "/v1/why", planes()::why);
  }

  private Map<String, AdminServer.Action> actions() {
    return Map.of(
        "/v1/guests/start", (path, _) -> inTurn(() -> welcome(path)),
        "/v1/guests/declare", (id, json) -> inTurn(() -> declared(guests.declare(id, json))),
        "/v1/guests/withdraw", (id, json) -> inTurn(() -> declared(guests.withdraw(id, json))),
        "/v1/guests/end", (id, _) -> inTurn(() -> farewell(id)));
  }

  /**
   * Does what is asked for between two looks at the mesh, on their thread: a network namespace is
   * entered by a thread of the system's, and no other will do.
   */
  private Object inTurn(Callable<Object> action) throws IOException {
    try {
      return clock.submit(action).get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(cause == null ? e.toString() : String.valueOf(cause.getMessage()), e);
    } catch (RejectedExecutionException e) {
      throw new IOException("the mesh ends", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the mesh ends");
    }
  }

  /** Carries guests for a while, at most: whoever brought them may be killed. */
  private synchronized Map<String, String> welcome(String path) throws IOException {
    String[] parts = path.split("/", -1);
    if (parts.length != 2
        || plan.clusters().stream().noneMatch(cluster -> cluster.name().equals(parts[0]))) {
      throw new IOException("no cluster " + parts[0]);
    }
    if (around.launcher().isEmpty()) {
      throw new IOException("the mesh was started without a `selvage` that workloads can run");
    }
    String id = parts[1];
    guests.come(parts[0], id);
    events.note(
        "selvage doctor probes %s, from two workloads of its own in %s"
            .formatted(parts[0], Guests.namespace(id)));
    try {
      changeNow();
      var _ = clock.schedule(() -> farewell(id), GUESTS_LIFE.toSeconds(), TimeUnit.SECONDS);
      Map<String, String> addresses = new LinkedHashMap<>();
      for (var spec : guests.workloads()) {
        if (spec.namespace().equals(Guests.namespace(id))) {
          addresses.put(spec.name(), readyGuest(spec).address());
        }
      }
      return addresses;
    } catch (IOException | RuntimeException e) {
      farewell(id);
      throw e;
    }
  }

  private CarriedWorkload readyGuest(WorkloadSpec spec) throws IOException {
    var carried =
        workloads.get(new CarriedWorkload.Key(spec.cluster(), spec.namespace(), spec.name()));
    if (carried == null) {
      throw new IOException(spec.qualifiedName() + " does not start");
    }
    String state = planes().proxyState(carried.key());
    if (!state.equals("ready")) {
      throw new IOException("%s %s".formatted(spec.qualifiedName(), state));
    }
    return carried;
  }

  private synchronized Map<String, String> declared(String cluster) {
    planes().declare(cluster, guests.resources(cluster));
    return Map.of();
  }

  private synchronized Map<String, String> farewell(String id) {
    Optional<String> cluster = guests.go(id);
    if (cluster.isPresent() && !closed) {
      try {
        declared(cluster.get());
        changeNow();
        events.note("what selvage doctor made in %s is gone".formatted(Guests.namespace(id)));
        LogFolder.forget(
            logs(around.state(), plan.name()), cluster.get() + "." + Guests.namespace(id) + ".");
      } catch (IOException e) {
        LOG.warn("guests {} do not go: {}", id, e.getMessage());
      }
    }
    return Map.of();
  }

  private void changeNow() throws IOException {
    try {
      change(plan);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the mesh is stopped");
    }
  }

  /** Only to be a workload whose proxy is the user's is anybody invited. */
  private Optional<CarriedWorkload> external(String key) {
    return key(key)
        .map(workloads::get)
        .filter(carried -> carried.spec().proxy() == WorkloadSpec.Proxy.EXTERNAL);
  }

  private Optional<CarriedWorkload.Key> key(String text) {
    return workloads.keySet().stream().filter(key -> key.toString().equals(text)).findFirst();
  }

  private Planes planes() {
    return made(planes);
  }

  private static <T> T made(@Nullable T part) {
    return Objects.requireNonNull(part, "the mesh is not started");
  }

  /** How it stands. */
  public MeshStatus status() {
    return new MeshStatus(
        MeshStatus.API_VERSION,
        plan.name(),
        ProcessHandle.current().pid(),
        startedAt,
        around.isolation().mode().words(),
        around.isolation().reason(),
        planes().clusters(),
        workloads.values().stream().map(this::status).toList(),
        planes().workloadTroubles().stream().map(Trouble::text).toList());
  }

  private MeshStatus.Workload status(CarriedWorkload carried) {
    String words = "yours";
    int restarts = 0;
    var process = made(applications).state(carried.key());
    if (process.isPresent()) {
      switch (process.get()) {
        case WorkloadProcess.State.Running running -> {
          words = "running";
          restarts = running.restarts();
        }
        case WorkloadProcess.State.Ended ended -> {
          words = "ended (status " + ended.exit() + ")";
          restarts = ended.restarts();
        }
        case WorkloadProcess.State.Stopped _ -> words = "stopped";
      }
    }
    return new MeshStatus.Workload(
        carried.spec().cluster(),
        carried.spec().namespace(),
        carried.spec().name(),
        planes().identity(carried),
        carried.address(),
        carried.spec().labels(),
        words,
        restarts,
        planes()
            .certificates(carried.key())
            .map(report -> report.chain().getFirst().notAfter())
            .orElse(Instant.EPOCH),
        planes().proxyState(carried.key()));
  }

  /**
   * Runs {@code command} as a workload, the way {@code selvage exec} does.
   *
   * @throws InterruptedIOException when the mesh was stopped meanwhile
   */
  public Outcome exec(CarriedWorkload.Key workload, Container container, List<String> command)
      throws IOException {
    var carried = workloads.get(workload);
    if (carried == null) {
      throw new IOException("no such workload: " + workload);
    }
    var entry =
        WorkloadEntry.of(
            state(carried), around.isolation().mode(), container, command, OptionalLong.empty());
    var line = new ArrayList<String>();
    line.add("env");
    entry.environment().forEach((name, value) -> line.add(name + "=" + value));
    line.addAll(entry.line());
    Outcome outcome = stopping ? null : around.host().run(line, "");
    if (outcome == null || stopping) {
      throw new InterruptedIOException("the mesh is stopped");
    }
    return outcome;
  }

  /** Whether its workloads have network namespaces of their own. */
  public boolean hasNamespaces() {
    return around.isolation().mode().namespaces();
  }

  /** Its planes, for rotations. */
  public Planes running() {
    return planes();
  }

  private MeshState.Workload state(CarriedWorkload carried) {
    Applications all = applications;
    var running =
        all != null
                && all.state(carried.key()).orElse(null)
                    instanceof WorkloadProcess.State.Running now
            ? now
            : null;
    return new MeshState.Workload(
        carried.spec().cluster(),
        carried.spec().namespace(),
        carried.spec().name(),
        carried.address(),
        carried.place().map(WorkloadNamespace::name).orElse(""),
        carried.place().map(p -> p.resolvConf().toString()).orElse(""),
        carried.proxyPlace().map(WorkloadNamespace::name).orElse(""),
        carried.proxyPlace().map(p -> p.resolvConf().toString()).orElse(""),
        carried.place().isPresent()
            ? ""
            : "http://" + carried.address() + ":" + CarriedWorkload.HTTP_PROXY_PORT,
        running == null ? 0 : running.pid(),
        running == null ? Instant.EPOCH : running.since());
  }

  /** A process that was started again has another id. */
  private synchronized void writeStateAnew() throws IOException {
    if (!closed && !states().equals(written)) {
      writeState();
    }
  }

  private List<MeshState.Workload> states() {
    return workloads.values().stream().map(this::state).toList();
  }

  private void writeState() throws IOException {
    written = states();
    var self = ProcessHandle.current();
    AdminServer answering = admin;
    around
        .state()
        .write(
            new MeshState(
                plan.name(),
                self.pid(),
                self.info().startInstant().orElse(Instant.EPOCH),
                answering == null ? "" : answering.url(),
                answering == null ? "" : answering.token(),
                around.isolation(),
                plan.folder().map(Path::toString).orElse(""),
                answering == null ? List.of() : planes().controlPlanes(),
                written));
  }

  /** Stops everything and removes what was made. Stopping twice does nothing. */
  @Override
  public void close() {
    stopping = true;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      clock.shutdownNow();
      for (var part : new AutoCloseable[] {admin, applications, planes, places, logs}) {
        if (part != null) {
          stop(part);
        }
      }
      LogRouting.toStandardError(org.slf4j.event.Level.WARN);
      try {
        around.state().remove(plan.name());
      } catch (IOException e) {
        LOG.warn("the state of mesh {} stays: {}", plan.name(), e.getMessage());
      }
    }
  }

  private static void stop(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("{} did not stop: {}", part, e.toString());
    }
  }
}
