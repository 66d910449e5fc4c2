package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProxyView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A cluster as a folder has it: what {@code kubectl get -A -o yaml} wrote, or {@code istioctl
 * bug-report} unpacked. Of a kind that any file has an object of, the folder is taken to have all;
 * every other kind is unseen, and so is what only a live cluster can tell.
 */
public final class FolderCollector {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final LoadSettings YAML =
      LoadSettings.builder().setCodePointLimit(256 << 20).build();
  private static final long LARGEST = 256L << 20;
  private static final String NOT_THERE = "the folder does not have it";
  private static final String DUMP = "config_dump";

  private final Path folder;
  private final Map<Kind, Map<String, ApiObject>> byKind = new EnumMap<>(Kind.class);
  private final Map<String, JsonNode> dumps = new LinkedHashMap<>();
  private final List<LogLine> logs = new ArrayList<>();
  private final List<LogLine> proxyLogs = new ArrayList<>();
  private Instant newest = Instant.EPOCH;

  private FolderCollector(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads it. "Now" is when its newest file was written.
   *
   * @throws IOException when it cannot be read, or has no object of any kind that is looked at
   */
  public static Evidence read(Path folder) throws IOException {
    var collector = new FolderCollector(folder);
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      collector.file(file);
    }
    if (collector.byKind.isEmpty()) {
      throw new IOException(
          folder + " has no objects: `kubectl get all,… -A -o yaml > FOLDER/objects.yaml` does");
    }
    return collector.evidence();
  }

  private void file(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (Files.size(file) > LARGEST || name.startsWith(".")) {
      return;
    }
    Instant written = Files.getLastModifiedTime(file).toInstant();
    newest = written.isAfter(newest) ? written : newest;
    if (name.contains(DUMP)) {
      dump(file);
    } else if (name.endsWith(".log")) {
      log(file);
    } else if (name.matches("(?i).*\\.(ya?ml|json)|crs|k8s-resources|[^.]*")) {
      objects(file);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private void objects(Path file) throws IOException {
    try {
      for (Object document : new Load(YAML).loadAllFromString(text(file))) {
        if (JSON.valueToTree(document) instanceof ObjectNode object) {
          objects(object);
        }
      }
    } catch (YamlEngineException | IllegalArgumentException e) {
      // some other file: what is missing for it is unseen
    }
  }

  private void objects(ObjectNode object) {
    if (object.path("items").isArray()) {
      object.path("items").forEach(item -> listed(object, item));
    } else {
      add(object);
    }
  }

  /** Items of a list of one kind need not repeat it. */
  private void listed(ObjectNode list, JsonNode item) {
    if (item instanceof ObjectNode object) {
      if (!object.has("kind")) {
        object.put("kind", list.path("kind").asString("").replaceFirst("List$", ""));
        object.put("apiVersion", list.path("apiVersion").asString(""));
      }
      add(object);
    }
  }

  private void add(ObjectNode object) {
    Kind.named(object.path("kind").asString(""))
        .filter(kind -> group(object).equals(kind.group()))
        .ifPresent(
            kind -> {
              var read = new ApiObject(Redaction.of(kind, object));
              byKind
                  .computeIfAbsent(kind, _ -> new LinkedHashMap<>())
                  .put(read.namespace() + "/" + read.name(), read);
            });
  }

  private static String group(ObjectNode object) {
    String version = object.path("apiVersion").asString("");
    int slash = version.indexOf('/');
    return slash < 0 ? "" : version.substring(0, slash);
  }

  /** {@code …/NAMESPACE/POD/config_dump…}. */
  private void dump(Path file) throws IOException {
    owner(file)
        .ifPresent(
            pod -> {
              try {
                dumps.put(pod, JSON.readTree(Redaction.text(text(file))));
              } catch (IOException | JacksonException e) {
                // not one: the proxy's configuration stays unseen
              }
            });
  }

  private Optional<String> owner(Path file) {
    Path inside = folder.relativize(file);
    return inside.getNameCount() < 3
        ? Optional.empty()
        : Optional.of(
            inside.getName(inside.getNameCount() - 3)
                + "/"
                + inside.getName(inside.getNameCount() - 2));
  }

  private void log(Path file) throws IOException {
    Optional<String> owner = owner(file);
    if (owner.isEmpty()) {
      return;
    }
    String[] pod = owner.get().split("/", -1);
    boolean isProxy = file.getFileName().toString().contains("proxy");
    Optional<Instant> last = Optional.empty();
    for (String line : (Iterable<String>) text(file).lines()::iterator) {
      Optional<Instant> time = time(line);
      last = time.isPresent() ? time : last;
      var read =
          new LogLine(
              pod[0], pod[1], isProxy ? "istio-proxy" : "discovery", last, Redaction.text(line));
      if (!isProxy) {
        logs.add(read);
      } else if (ProxyLogs.tellsTrouble(line)) {
        proxyLogs.add(read);
      }
    }
  }

  private static Optional<Instant> time(String line) {
    int end = line.length() < 20 ? -1 : line.replaceFirst("[\\s\\]].*", "").length();
    try {
      return end < 0
          ? Optional.empty()
          : Optional.of(Instant.parse(line.substring(line.startsWith("[") ? 1 : 0, end)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private Evidence evidence() {
    Map<Kind, Look<List<ApiObject>>> all = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      Map<String, ApiObject> found = byKind.get(kind);
      all.put(
          kind,
          found == null
              ? Look.unseen("no file of the folder has " + kind.plural())
              : Look.seen(List.copyOf(found.values())));
    }
    Objects objects = new Objects(all);
    Look<Flavour> flavour =
        new FlavourFinder(objects)
            .find()
            .map(found -> MeshSettings.completed(found, objects.look(Kind.CONFIG_MAP)));
    Instant since = newest.minus(Duration.ofHours(1));
    return new Evidence(
        newest,
        since,
        List.of(
            new ClusterEvidence(
                String.valueOf(folder.getFileName()),
                folder.toString(),
                Look.unseen(NOT_THERE),
                Look.seen(true),
                flavour,
                objects,
                logs.isEmpty() ? Look.unseen(NOT_THERE) : Look.seen(List.copyOf(logs)),
                proxyLogs.isEmpty() ? Look.unseen(NOT_THERE) : Look.seen(List.copyOf(proxyLogs)),
                Look.unseen(NOT_THERE),
                all.getOrDefault(Kind.POD, Look.unseen(NOT_THERE)).map(_ -> proxies(objects)),
                Look.unseen(NOT_THERE),
                ProbeOutcome.notWanted(),
                Look.unseen(NOT_THERE),
                Look.unseen(NOT_THERE),
                Look.unseen(NOT_THERE),
                Look.unseen(NOT_THERE),
                Look.unseen(NOT_THERE),
                newest,
                since)));
  }

  private List<ProxyView> proxies(Objects objects) {
    return ProxyCollector.withProxies(objects, Set.of(), newest).stream()
        .map(
            pod -> {
              JsonNode dump = dumps.get(pod.namespace() + "/" + pod.name());
              return new ProxyView(
                  pod.namespace(),
                  pod.name(),
                  dump == null ? Look.unseen(NOT_THERE) : Look.seen(dump),
                  Look.unseen(NOT_THERE),
                  Look.unseen(NOT_THERE),
                  Look.unseen(NOT_THERE));
            })
        .toList();
  }
}
