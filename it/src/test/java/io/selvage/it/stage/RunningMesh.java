package io.selvage.it.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.Main;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.StateDirectory;
import io.selvage.cli.state.WorkloadEntry;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A mesh as a user has it: {@code selvage up -f FOLDER} in a process of its own, with its own name,
 * state and CA folders, in network namespaces. Closing it is Ctrl-C, and checks that nothing stays.
 */
public final class RunningMesh implements AutoCloseable {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final String name;
  private final Path home;
  private final Path folder;
  private final Path log;
  private final Process process;
  private final Map<String, String> environment;

  private RunningMesh(String name, Path home, Path folder, Process process) {
    this.name = name;
    this.home = home;
    this.folder = folder;
    this.log = home.resolve("up.log");
    this.process = process;
    this.environment = environment(home);
  }

  /**
   * Starts it and waits until it says that it is up.
   *
   * @param home an empty folder for state, CA and log
   * @param folder the user's, with {@code workloads.yaml}
   */
  public static RunningMesh up(Path home, Path folder) throws Exception {
    String name = MeshName.of("it");
    launcher(home);
    Process process =
        Tool.builder(
                environment(home), program(home, "up", "-f", folder.toString(), "--name", name))
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(home.resolve("up.log").toFile())
            .start();
    var mesh = new RunningMesh(name, home, folder, process);
    try {
      Until.holds("mesh is up", () -> mesh.log().contains(" is up after ") || !process.isAlive());
      assertThat(process.isAlive()).as(mesh.log()).isTrue();
      assertThat(mesh.state().isolation())
          .as("root, ip and nft, so that capture is real")
          .satisfies(isolation -> assertThat(isolation.mode().namespaces()).isTrue());
      return mesh;
    } catch (Exception | AssertionError e) {
      mesh.close();
      throw e;
    }
  }

  /** A {@code selvage} for workloads' commands: the launcher without the build and the cache. */
  private static void launcher(Path home) throws IOException {
    Path launcher = home.resolve("selvage");
    Files.writeString(
        launcher,
        "#!/bin/sh\nexec %s \"$@\"\n"
            .formatted(String.join(" ", Tool.java(List.of("-Xmx48m", "-Xss512k"), Main.class))));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static List<String> program(Path home, String... arguments) {
    return Tool.java(
        List.of("-Xmx512m", "-Duser.home=" + home, "-Dselvage.home=" + ROOT),
        Main.class,
        arguments);
  }

  private static Map<String, String> environment(Path home) {
    return Map.of(
        "SELVAGE_STATE_DIR", home.resolve("run").toString(),
        "SELVAGE_LAUNCHER", home.resolve("selvage").toString());
  }

  /** Everything that {@code selvage up} printed so far. */
  public String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** The process of {@code selvage up}. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /** Runs a command of the command line against this mesh, as a user would. */
  public Tool.Ran selvage(String... arguments) {
    return Tool.run(environment, program(home, arguments));
  }

  /** Starts a command of the command line, to be ended by the caller. */
  public Process start(String... arguments) throws IOException {
    return Tool.start(environment, program(home, arguments));
  }

  /** The answer of a command that can print JSON. */
  public JsonNode json(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-o", "json"));
    return JsonMapper.shared().readTree(selvage(all.toArray(String[]::new)).out());
  }

  /**
   * Runs {@code command} at {@code place}: what {@code selvage exec} does, without its start-up.
   */
  public Tool.Ran exec(Place place, String... command) {
    var entry = entry(place, List.of(command));
    return Tool.run(entry.environment(), entry.line());
  }

  /** Starts {@code command} at {@code place}, to be ended by the caller. */
  public Process start(Place place, String... command) throws IOException {
    var entry = entry(place, List.of(command));
    return Tool.start(entry.environment(), entry.line());
  }

  private WorkloadEntry entry(Place place, List<String> command) {
    var state = state();
    return WorkloadEntry.of(
        workload(state, place),
        state.isolation().mode(),
        place.container(),
        command,
        OptionalLong.of(state.pid()));
  }

  /** The status that {@code curl} gets at {@code place}; {@code 000} when there is no answer. */
  public String status(Place place, String... curl) {
    var line = new ArrayList<>(List.of("curl", "-s", "-m", "20", "-o", "/dev/null"));
    line.addAll(List.of("-w", "%{http_code}"));
    line.addAll(List.of(curl));
    return exec(place, line.toArray(String[]::new)).out();
  }

  /** Asks until the answer has this status. */
  public void untilStatus(Place place, String wanted, String... curl) throws Exception {
    Until.seen(String.join(" ", curl), () -> status(place, curl), wanted::equals);
  }

  /** What this mesh's process wrote for other commands. */
  public MeshState state() {
    return new StateDirectory(home.resolve("run")).read(name).orElseThrow();
  }

  /** The address of a workload. */
  public String address(Place place) {
    return workload(state(), place).address();
  }

  /** The address that {@code host} has at {@code place}. */
  public String resolve(Place place, String host) {
    return exec(place, "getent", "ahostsv4", host).well().out().split("\\s", 2)[0];
  }

  /** A socket's creation inside the place's network. */
  public <T> T inside(Place place, java.util.concurrent.Callable<T> socket) throws Exception {
    try (var namespace =
        NetworkNamespace.open(Path.of("/run/netns", workload(state(), place).netns()))) {
      return namespace.call(socket);
    }
  }

  private static MeshState.Workload workload(MeshState state, Place place) {
    return state.workloads().stream()
        .filter(w -> w.cluster().equals(place.cluster()))
        .filter(w -> w.namespace().equals(place.namespace()))
        .filter(w -> w.name().equals(place.workload()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no workload " + place));
  }

  /** Writes a file of the user's folder, whole, as editors do. */
  public Path edit(String file, String text) throws IOException {
    Path target = folder.resolve(file);
    Files.createDirectories(target.getParent());
    Path fresh = target.resolveSibling("." + target.getFileName() + ".new");
    Files.writeString(fresh, text);
    return Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes a file of the user's folder. */
  public void remove(String file) throws IOException {
    Files.deleteIfExists(folder.resolve(file));
  }

  /** The first of this machine's addresses that is not for others. */
  public static InetAddress loopback() {
    return InetAddress.ofLiteral("127.0.0.1");
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    boolean ended = ends(process);
    process.destroyForcibly();
    String left = Tool.run(Map.of(), List.of("ip", "netns", "list")).out();
    MeshNetwork.removeAll(new ProcessCommands(), name);
    assertThat(ended).as("the mesh ends when asked; its log:%n%s", log()).isTrue();
    assertThat(left).as("no namespace stays").doesNotContain("selvage-" + name + ".");
    assertThat(home.resolve("run").resolve(name)).doesNotExist();
  }

  private static boolean ends(Process process) {
    try {
      return process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
