package io.selvage.cli.doctor;

import io.selvage.cli.UserError;
import io.selvage.cli.log.LogFolder;
import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.StateDirectory;
import io.selvage.cli.state.WorkloadEntry;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.local.LocalMesh;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The mesh that `selvage up` runs here, as the doctor looks at it. */
public final class RunningMesh implements LocalMesh {
  private static final int ADMIN = 15000;
  private static final int NOT_FOUND = 127;

  private final MeshState state;
  private final StateDirectory directory;
  private final AdminClient admin;
  private final Path logs;

  /** Of a mesh that runs. */
  public RunningMesh(MeshState state, StateDirectory directory) {
    this.state = state;
    this.admin = new AdminClient(state);
    this.directory = directory;
    this.logs = Mesh.logs(directory, state.mesh());
  }

  @Override
  public List<Cluster> clusters() {
    JsonNode status = admin.ask("/v1/status").orElseThrow();
    return state.controlPlanes().stream()
        .map(
            plane ->
                new Cluster(
                    plane.cluster(),
                    plane.admin(),
                    status
                        .path("workloads")
                        .valueStream()
                        .filter(one -> one.path("cluster").asString("").equals(plane.cluster()))
                        .map(RunningMesh::workload)
                        .toList()))
        .toList();
  }

  private static Workload workload(JsonNode one) {
    return new Workload(
        one.path("namespace").asString(""),
        one.path("name").asString(""),
        serviceAccount(one.path("identity").asString("")),
        one.path("address").asString(""),
        labels(one.path("labels")));
  }

  private static Map<String, String> labels(JsonNode labels) {
    Map<String, String> read = new LinkedHashMap<>();
    labels.properties().forEach(one -> read.put(one.getKey(), one.getValue().asString("")));
    return read;
  }

  private static String serviceAccount(String identity) {
    try {
      return SpiffeId.parse(identity).serviceAccount().orElse("default");
    } catch (PkiException _) {
      return "default";
    }
  }

  @Override
  public String page(String cluster, String path) throws IOException {
    var plane =
        state.controlPlanes().stream()
            .filter(one -> one.cluster().equals(cluster))
            .findFirst()
            .orElseThrow(() -> new IOException("no cluster " + cluster));
    try {
      return admin.page(plane, path).orElseThrow(() -> new IOException("it has no page " + path));
    } catch (UserError e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public String file(String source) throws IOException {
    // a name that is not absolute is so from where the mesh was started
    Path file = Path.of("/proc", Long.toString(state.pid()), "cwd").resolve(Path.of(source));
    if (!Files.isReadable(file)) {
      throw new IOException("there is no such file; the mesh implies it from its workloads");
    }
    return Files.readString(file);
  }

  @Override
  public String proxyPage(String cluster, Workload workload, String path) throws IOException {
    var entered = entered(cluster, new Named(workload.namespace(), workload.name()));
    String host = entered.netns().isEmpty() ? entered.address() : "127.0.0.1";
    try {
      Ran ran =
          run(
              entered,
              Container.PROXY,
              List.of(
                  "curl",
                  "-sSf",
                  "--max-time",
                  "5",
                  "--noproxy",
                  "*",
                  "http://%s:%d%s".formatted(host, ADMIN, path)));
      if (ran.exit() != 0) {
        throw new IOException(
            ran.exit() == NOT_FOUND ? "curl is not installed here" : ran.err().strip());
      }
      return ran.out();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped");
    }
  }

  @Override
  public String figures(String cluster) throws IOException {
    String url =
        status()
            .path("clusters")
            .valueStream()
            .filter(one -> one.path("name").asString("").equals(cluster))
            .map(one -> one.path("metrics").asString(""))
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElseThrow(() -> new IOException("no proxy of the mesh's own runs here"));
    try {
      return admin.open(url).orElseThrow(() -> new IOException("there is no page " + url));
    } catch (UserError e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private JsonNode status() throws IOException {
    return asked("/v1/status");
  }

  private JsonNode asked(String path) throws IOException {
    try {
      return admin.ask(path).orElseThrow(() -> new IOException("it has no page " + path));
    } catch (UserError e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public List<ObjectNode> implied(String cluster) throws IOException {
    return asked("/v1/implied/" + cluster)
        .valueStream()
        .filter(ObjectNode.class::isInstance)
        .map(ObjectNode.class::cast)
        .toList();
  }

  @Override
  public Ran run(String cluster, Named workload, Container container, List<String> line)
      throws IOException, InterruptedException {
    return run(entered(cluster, workload), container, line);
  }

  private Ran run(MeshState.Workload workload, Container container, List<String> line)
      throws IOException, InterruptedException {
    var entry =
        WorkloadEntry.of(
            workload,
            state.isolation().mode(),
            container == Container.PROXY
                ? EntryCommand.Container.PROXY
                : EntryCommand.Container.APPLICATION,
            line,
            OptionalLong.of(state.pid()));
    var command = new ArrayList<String>();
    command.add("env");
    entry.environment().forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(entry.line());
    var outcome = new ProcessCommands().run(command, "");
    if (Thread.interrupted()) {
      throw new InterruptedException("stopped");
    }
    return new Ran(outcome.exit(), outcome.out(), outcome.err());
  }

  /** As the mesh has it now: workloads come and go. */
  private MeshState.Workload entered(String cluster, Named workload) throws IOException {
    return directory.read(state.mesh()).stream()
        .flatMap(now -> now.workloads().stream())
        .filter(one -> one.cluster().equals(cluster))
        .filter(one -> one.namespace().equals(workload.namespace()))
        .filter(one -> one.name().equals(workload.name()))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "no workload %s/%s".formatted(workload.namespace(), workload.name())));
  }

  @Override
  public Guests guests(String cluster, String id) throws IOException {
    return MeshGuests.start(admin, cluster, id);
  }

  @Override
  public List<LogLine> logs(Instant since) throws IOException {
    List<LogLine> lines = new ArrayList<>();
    for (var part : List.of(LogFolder.Part.CONTROL_PLANE, LogFolder.Part.CA)) {
      String name = part == LogFolder.Part.CA ? "ca" : "control-plane";
      lines.addAll(read(part.in(logs), since, "", name, name));
    }
    return lines;
  }

  @Override
  public List<LogLine> proxyLogs(String cluster, Instant since) throws IOException {
    List<LogLine> lines =
        new ArrayList<>(read(LogFolder.Part.PROXIES.in(logs), since, "", "proxies", "proxies"));
    for (var workload : state.workloads()) {
      if (workload.cluster().equals(cluster)) {
        lines.addAll(
            read(
                LogFolder.proxy(logs, workload.fileName()),
                since,
                workload.namespace(),
                workload.name(),
                "istio-proxy"));
      }
    }
    return lines;
  }

  /** Lines since then; one without a time belongs to the line before it. */
  private static List<LogLine> read(
      Path file, Instant since, String namespace, String name, String container)
      throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<LogLine> lines = new ArrayList<>();
    Optional<Instant> last = Optional.empty();
    try (Stream<String> all = Files.lines(file)) {
      for (String line : (Iterable<String>) all::iterator) {
        Optional<Instant> time = time(line);
        last = time.isPresent() ? time : last;
        if (last.isEmpty() || !last.get().isBefore(since)) {
          lines.add(new LogLine(namespace, name, container, last, line));
        }
      }
    }
    return lines;
  }

  private static Optional<Instant> time(String line) {
    int end = line.startsWith("[") ? line.indexOf(']') : line.indexOf(' ');
    try {
      return end < 0
          ? Optional.empty()
          : Optional.of(Instant.parse(line.substring(line.startsWith("[") ? 1 : 0, end)));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }
}
