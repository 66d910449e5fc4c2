package io.selvage.cli.doctor;

import io.selvage.cli.UserError;
import io.selvage.cli.log.LogFolder;
import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.StateDirectory;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.local.LocalMesh;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The mesh that `selvage up` runs here, as the doctor looks at it. */
public final class RunningMesh implements LocalMesh {
  private final MeshState state;
  private final AdminClient admin;
  private final Path logs;

  /** Of a mesh that runs. */
  public RunningMesh(MeshState state, StateDirectory directory) {
    this.state = state;
    this.admin = new AdminClient(state);
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
  public JsonNode certificates(String cluster, Workload workload) throws IOException {
    JsonNode report;
    try {
      report =
          admin
              .ask("/v1/certs/%s/%s/%s".formatted(cluster, workload.namespace(), workload.name()))
              .orElseThrow(() -> new IOException("nothing is known of it"));
    } catch (UserError e) {
      throw new IOException(e.getMessage(), e);
    }
    if (report.path("chain").isEmpty()) {
      throw new IOException(report.path("trouble").asString("it has none"));
    }
    ObjectNode page = JsonMapper.shared().createObjectNode();
    ObjectNode entry = page.putArray("certificates").addObject();
    JsonNode leaf = report.path("chain").path(0);
    listed(leaf, entry.putArray("cert_chain"))
        .putArray("subject_alt_names")
        .addObject()
        .put("uri", report.path("spiffeId").asString(""));
    report.path("roots").forEach(root -> listed(root, entry.withArray("ca_cert")));
    return page;
  }

  private static ObjectNode listed(JsonNode certificate, ArrayNode to) {
    return to.addObject()
        .put("path", "<inline>")
        .put("serial_number", certificate.path("serial").asString(""))
        .put("valid_from", certificate.path("notBefore").asString(""))
        .put("expiration_time", certificate.path("notAfter").asString(""));
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
