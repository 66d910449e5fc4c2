package io.selvage.cli.mesh;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.AddressPlan;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
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

  private final MeshPlan plan;
  private final Surroundings around;
  private final Instant startedAt;
  private final AddressPlan loopback;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Map<CarriedWorkload.Key, CarriedWorkload> workloads = new LinkedHashMap<>();
  private final Map<CarriedWorkload.Key, WorkloadProcess> processes = new LinkedHashMap<>();

  private final List<HostRelay> relays = new ArrayList<>();

  private @Nullable MeshNetwork network;
  private @Nullable Planes planes;
  private @Nullable AdminServer admin;
  private boolean closed;

  private Mesh(MeshPlan plan, Surroundings around) {
    this.plan = plan;
    this.around = around;
    this.startedAt = around.time().instant();
    this.loopback =
        AddressPlan.onLoopback(plan.clusters().stream().map(MeshPlan.Cluster::name).toList());
  }

  /**
   * What a mesh is started with.
   *
   * @param launcher the {@code selvage} that workloads' commands may name; empty: none
   */
  public record Surroundings(
      HostCommands host,
      Isolation isolation,
      StateDirectory state,
      Planes.Maker planes,
      Optional<Path> launcher,
      InstantSource time,
      SecureRandom random) {}

  /**
   * Starts everything that {@code plan} names, after clearing what a killed mesh of its name left.
   *
   * @throws UserError when a mesh of this name runs already, or the workloads' proxies do not get
   *     ready; nothing stays behind
   * @throws IOException when the machine refuses something; nothing stays behind
   */
  public static Mesh start(MeshPlan plan, Surroundings around)
      throws IOException, InterruptedException {
    refuseTwice(plan, around);
    clearStale(plan.name(), around);
    var mesh = new Mesh(plan, around);
    try {
      mesh.startAll();
      return mesh;
    } catch (IOException | InterruptedException | RuntimeException e) {
      mesh.close();
      throw e;
    }
  }

  private static void refuseTwice(MeshPlan plan, Surroundings around) {
    around
        .state()
        .read(plan.name())
        .filter(MeshState::alive)
        .ifPresent(
            running -> {
              throw new UserError(
                  ExitCode.USAGE,
                  "mesh `%s` runs already, as process %d%n  stop it (kill %d), or choose --name"
                      .formatted(running.mesh(), running.pid(), running.pid()));
            });
  }

  /** Ends and removes what a mesh of this name left when its process was killed. */
  static void clearStale(String name, Surroundings around) throws IOException {
    around
        .state()
        .read(name)
        .ifPresent(
            stale -> {
              LOG.info("clearing what process {} left of mesh {}", stale.pid(), name);
              stale.workloads().stream()
                  .flatMap(w -> MeshState.process(w.pid(), w.processStarted()).stream())
                  .forEach(ProcessHandle::destroyForcibly);
            });
    if (around.isolation().mode().namespaces()) {
      MeshNetwork.removeAll(around.host(), name);
    }
    around.state().remove(name);
  }

  private void startAll() throws IOException, InterruptedException {
    Path folder = around.state().folder(plan.name());
    Files.createDirectories(folder.resolve("logs"));
    writeState();
    if (around.isolation().mode().namespaces()) {
      network =
          MeshNetwork.create(
              around.host(),
              plan.name(),
              plan.clusters().stream().map(MeshPlan.Cluster::name).toList(),
              folder.resolve("netns"));
    }
    Planes started = around.planes().start(plan);
    planes = started;
    for (var spec : plan.workloads()) {
      var carried = place(spec);
      workloads.put(carried.key(), carried);
      started.carry(carried);
    }
    startProcesses(folder);
    startRelays();
    var waiting = started.awaitReady(READY);
    if (!waiting.isEmpty()) {
      throw new UserError(
          ExitCode.TIME_OUT,
          "these are not ready after "
              + READY.toSeconds()
              + " s:\n  "
              + String.join("\n  ", waiting));
    }
    setServiceAddresses();
    admin = AdminServer.start(questions(), around.random());
    writeState();
  }

  private CarriedWorkload place(WorkloadSpec spec) throws IOException {
    MeshNetwork net = network;
    if (net == null) {
      String address = loopback.nextPod(spec.cluster());
      return new CarriedWorkload(
          spec,
          address,
          Optional.empty(),
          Optional.empty(),
          listening(spec).orElse(AddressPlan.application(address)));
    }
    WorkloadNamespace made = net.add(spec.cluster(), spec.namespace(), spec.name(), true);
    boolean oneUser = around.isolation().mode() == Isolation.Mode.USER_NAMESPACES;
    Optional<WorkloadNamespace> proxy =
        oneUser
            ? Optional.of(
                net.add(spec.cluster(), spec.namespace(), spec.name() + ".istio-proxy", false))
            : Optional.empty();
    return new CarriedWorkload(
        spec, made.address(), Optional.of(made), proxy, listening(spec).orElse("127.0.0.1"));
  }

  private static Optional<String> listening(WorkloadSpec spec) {
    return spec.runs() instanceof WorkloadSpec.Listening listening
        ? Optional.of(listening.at().getAddress().getHostAddress())
        : Optional.empty();
  }

  private void startProcesses(Path folder) throws IOException {
    for (var carried : workloads.values()) {
      if (carried.spec().runs() instanceof WorkloadSpec.Command command) {
        var entry =
            WorkloadEntry.of(
                state(carried),
                around.isolation().mode(),
                Container.APPLICATION,
                command.line(),
                OptionalLong.empty());
        var environment = new LinkedHashMap<>(entry.environment());
        environment.putAll(command.environment());
        environment.put("PATH", path());
        if (carried.place().isEmpty()) {
          environment.put("SELVAGE_BIND", carried.application());
          environment.put(
              "SELVAGE_WORKLOAD", carried.spec().cluster() + "/" + carried.spec().name());
        }
        var process =
            new WorkloadProcess(
                carried.key().toString(),
                entry.line(),
                environment,
                command.directory(),
                folder.resolve("logs").resolve(carried.spec().fileName() + ".log"),
                clock);
        processes.put(carried.key(), process);
        process.start();
      }
    }
  }

  /** Applications that already listen on this machine are led to from their workloads' places. */
  private void startRelays() throws IOException {
    for (var carried : workloads.values()) {
      if (carried.spec().runs() instanceof WorkloadSpec.Listening listening
          && carried.place().isPresent()) {
        if (around.isolation().mode() == Isolation.Mode.USER_NAMESPACES) {
          throw new UserError(
              ExitCode.USAGE,
              carried.spec().qualifiedName()
                  + ": `listening` leads to this machine's loopback, which a user namespace does not"
                  + " reach\n  run as root, or give a `command`");
        }
        for (var port : carried.spec().ports()) {
          relays.add(HostRelay.start(carried.place().get(), port.port(), listening.at()));
        }
      }
    }
  }

  private String path() {
    String own = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
    return around.launcher().map(Path::getParent).map(dir -> dir + ":" + own).orElse(own);
  }

  private void setServiceAddresses() throws IOException {
    MeshNetwork net = network;
    if (net != null) {
      var all = new ArrayList<ServiceAddress>();
      plan.clusters().forEach(cluster -> all.addAll(planes().services(cluster.name())));
      net.services(all.stream().distinct().toList());
    }
  }

  private Map<String, Function<String, Optional<?>>> questions() {
    return Map.of(
        "/v1/status", _ -> Optional.of(status()),
        "/v1/certs", key -> key(key).flatMap(planes()::certificates),
        "/v1/why", planes()::why);
  }

  private Optional<CarriedWorkload.Key> key(String text) {
    return workloads.keySet().stream().filter(key -> key.toString().equals(text)).findFirst();
  }

  private Planes planes() {
    Planes now = planes;
    if (now == null) {
      throw new IllegalStateException("the mesh is not started");
    }
    return now;
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
        workloads.values().stream().map(this::status).toList());
  }

  private MeshStatus.Workload status(CarriedWorkload carried) {
    var process = processes.get(carried.key());
    String words = "yours";
    int restarts = 0;
    if (process != null) {
      switch (process.state()) {
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
        words,
        restarts,
        planes()
            .certificates(carried.key())
            .map(report -> report.chain().getFirst().notAfter())
            .orElse(Instant.EPOCH),
        planes().proxyState(carried.key()));
  }

  /** Runs {@code command} as a workload, the way {@code selvage exec} does. */
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
    return around.host().run(line, "");
  }

  /** Its planes, for rotations. */
  public Planes running() {
    return planes();
  }

  private MeshState.Workload state(CarriedWorkload carried) {
    var process = processes.get(carried.key());
    var running =
        process != null && process.state() instanceof WorkloadProcess.State.Running now
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

  private void writeState() throws IOException {
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
                workloads.values().stream().map(this::state).toList()));
  }

  /** Stops everything and removes what was made. Stopping twice does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (admin != null) {
      admin.close();
    }
    processes.values().parallelStream().forEach(WorkloadProcess::close);
    clock.shutdownNow();
    relays.forEach(HostRelay::close);
    if (planes != null) {
      planes.close();
    }
    if (network != null) {
      network.close();
    }
    try {
      around.state().remove(plan.name());
    } catch (IOException e) {
      LOG.warn("the state of mesh {} stays: {}", plan.name(), e.getMessage());
    }
  }
}
