package io.selvage.cli.mesh;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogFolder;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.WorkloadEntry;
import io.selvage.cli.workloads.WorkloadSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The applications of a mesh's workloads: the processes that it runs, and ways to those that listen
 * on this machine already.
 */
final class Applications implements AutoCloseable {

  private final Isolation.Mode mode;
  private final Path logs;
  private final Optional<Path> launcher;
  private final ScheduledExecutorService clock;
  private final MeshEvent.Listener events;
  private final Map<CarriedWorkload.Key, WorkloadProcess> processes = new ConcurrentHashMap<>();
  private final Map<CarriedWorkload.Key, CarriedWorkload> started = new ConcurrentHashMap<>();
  private final Map<CarriedWorkload.Key, List<HostRelay>> relays = new ConcurrentHashMap<>();

  /**
   * @param logs where their output goes
   * @param launcher the {@code selvage} that commands may name
   */
  Applications(
      Isolation.Mode mode,
      Path logs,
      Optional<Path> launcher,
      ScheduledExecutorService clock,
      MeshEvent.Listener events) {
    this.mode = mode;
    this.logs = logs;
    this.launcher = launcher;
    this.clock = clock;
    this.events = events;
  }

  /**
   * Starts a workload's application, or stands a way to the one that runs.
   *
   * @param at the workload as {@code exec} would enter it
   */
  void start(CarriedWorkload carried, MeshState.Workload at) throws IOException {
    switch (carried.spec().runs()) {
      case WorkloadSpec.Command command -> run(carried, command, at);
      case WorkloadSpec.Listening listening -> lead(carried, listening);
    }
  }

  private void run(CarriedWorkload carried, WorkloadSpec.Command command, MeshState.Workload at)
      throws IOException {
    var entry =
        WorkloadEntry.of(at, mode, Container.APPLICATION, command.line(), OptionalLong.empty());
    var environment = new LinkedHashMap<>(entry.environment());
    environment.putAll(command.environment());
    environment.put("PATH", path());
    if (carried.place().isEmpty()) {
      environment.put("SELVAGE_BIND", carried.application());
      environment.put("SELVAGE_WORKLOAD", carried.spec().cluster() + "/" + carried.spec().name());
    }
    var line = new ArrayList<String>();
    line.add("setsid"); // Ctrl-C is for the mesh, which stops its applications in order
    line.addAll(entry.line());
    var process =
        new WorkloadProcess(
            carried.key().toString(),
            line,
            environment,
            command.directory(),
            LogFolder.application(logs, carried.spec().fileName()),
            clock,
            events);
    processes.put(carried.key(), process);
    started.put(carried.key(), carried);
    process.start();
  }

  private String path() {
    String own = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
    return launcher.map(Path::getParent).map(dir -> dir + ":" + own).orElse(own);
  }

  private void lead(CarriedWorkload carried, WorkloadSpec.Listening listening) throws IOException {
    if (carried.place().isEmpty()) {
      return; // on loopback the proxy gets there by itself
    }
    if (mode == Isolation.Mode.USER_NAMESPACES) {
      throw new UserError(
          ExitCode.USAGE,
          "%s: `listening` leads to this machine's loopback, which a user namespace does not reach%n"
                  .formatted(carried.spec().qualifiedName())
              + "  run as root, or with SELVAGE_ISOLATION=http_proxy, or give a `command`");
    }
    var all = new ArrayList<HostRelay>();
    relays.put(carried.key(), all);
    for (var port : carried.spec().ports()) {
      all.add(HostRelay.start(carried.place().get(), port.port(), listening.at()));
    }
  }

  /** How a workload's process stands; empty when the mesh does not run it. */
  Optional<WorkloadProcess.State> state(CarriedWorkload.Key workload) {
    return Optional.ofNullable(processes.get(workload)).map(WorkloadProcess::state);
  }

  /**
   * The processes that do not listen yet on a TCP port that their workload serves: who calls them
   * now is told that the connection failed.
   */
  List<String> waiting() {
    return started.values().stream()
        .flatMap(
            carried ->
                silentPorts(carried).stream()
                    .map(port -> carried.key() + ": its process to listen on port " + port))
        .toList();
  }

  private List<Integer> silentPorts(CarriedWorkload carried) {
    if (carried.spec().ports().isEmpty()
        || !(state(carried.key()).orElse(null) instanceof WorkloadProcess.State.Running running)) {
      return List.of();
    }
    var process = ProcessHandle.of(running.pid());
    if (process.isEmpty()) {
      return List.of();
    }
    var sockets = ListeningSockets.of(process.get());
    Optional<String> address =
        carried.place().isPresent() ? Optional.empty() : Optional.of(carried.application());
    return carried.spec().ports().stream()
        .filter(port -> port.protocol().equals("TCP"))
        .map(WorkloadSpec.Port::port)
        .filter(port -> !sockets.take(address, port))
        .toList();
  }

  /** Stops a workload's application. */
  void stop(CarriedWorkload.Key workload) {
    started.remove(workload);
    var process = processes.remove(workload);
    if (process != null) {
      process.close();
    }
    var ways = relays.remove(workload);
    if (ways != null) {
      ways.forEach(HostRelay::close);
    }
  }

  @Override
  public void close() {
    processes.values().parallelStream().forEach(WorkloadProcess::close);
    relays.values().forEach(ways -> ways.forEach(HostRelay::close));
  }
}
