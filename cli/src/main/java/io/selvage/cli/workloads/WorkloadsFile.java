package io.selvage.cli.workloads;

import io.selvage.cli.workloads.WorkloadSpec.Application;
import io.selvage.cli.workloads.WorkloadSpec.Proxy;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A {@code workloads.yaml}: the clusters of a mesh on this machine, and the workloads in them.
 *
 * @param clusters empty when the file names none
 * @param problems why it cannot be used; empty when it can
 */
public record WorkloadsFile(
    List<ClusterSpec> clusters, List<WorkloadSpec> workloads, List<Problem> problems) {

  /** The name that {@code up -f DIR} looks for. */
  public static final String NAME = "workloads.yaml";

  /** The file, or a field of it, is not as described here. */
  public static final String CODE = "SLV0010";

  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LOCAL = Pattern.compile("127\\.\\d+\\.\\d+\\.\\d+:(\\d{1,5})");

  public WorkloadsFile {
    clusters = List.copyOf(clusters);
    workloads = List.copyOf(workloads);
    problems = List.copyOf(problems);
  }

  /**
   * One cluster.
   *
   * @param ca the CA's profile, {@code istiod} or {@code meshca}
   * @param cacerts the folder of a CA that the user brings, as Istio's {@code cacerts}; empty: the
   *     cluster's CA makes its own root
   */
  public record ClusterSpec(String name, String ca, Optional<Path> cacerts) {}

  /**
   * Reads {@code file}; a relative {@code cwd} or {@code cacerts} starts at the file's own folder.
   */
  public static WorkloadsFile read(Path file) throws IOException {
    return parse(
        file.toString(),
        Files.readString(file),
        Objects.requireNonNullElse(file.toAbsolutePath().getParent(), Path.of(".")));
  }

  /**
   * Reads a text.
   *
   * @param source what locations show
   * @param folder where a relative {@code cwd} or {@code cacerts} starts
   */
  public static WorkloadsFile parse(String source, String text, Path folder) {
    var problems = new ArrayList<Problem>();
    try {
      var settings =
          LoadSettings.builder().setLabel(source).setMaxAliasesForCollections(20).build();
      var root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        return refused(source, 1, "the file is empty: it needs a list `workloads`");
      }
      var top = new YamlFields(source, "", root.get(), problems).only("clusters", "workloads");
      var clusters = top.list("clusters").stream().map(fields -> cluster(fields, folder)).toList();
      var workloads =
          top.list("workloads").stream().map(fields -> workload(fields, folder, clusters)).toList();
      if (workloads.isEmpty() && problems.isEmpty()) {
        top.wrong("workloads", "names no workload");
      }
      noTwoAlike(top, workloads);
      servicesSelectTheirWorkloads(top, workloads);
      return new WorkloadsFile(clusters, workloads, problems);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      return refused(source, line, "is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      return refused(source, 0, "is not YAML: " + e.getMessage());
    }
  }

  private static WorkloadsFile refused(String source, int line, String message) {
    return new WorkloadsFile(
        List.of(),
        List.of(),
        List.of(Problem.error(CODE, new SourceLocation(source, line, 1), "", message)));
  }

  private static ClusterSpec cluster(YamlFields fields, Path folder) {
    fields.only("name", "ca", "cacerts");
    String ca = fields.text("ca", "istiod");
    if (!ca.equals("istiod") && !ca.equals("meshca")) {
      fields.wrong("ca", "must be istiod or meshca, not " + ca);
    }
    Optional<Path> cacerts =
        fields.has("cacerts")
            ? Optional.of(folder.resolve(fields.text("cacerts", ".")))
            : Optional.empty();
    if (cacerts.isPresent() && !Files.isDirectory(cacerts.get())) {
      fields.wrong(
          "cacerts",
          "must be a folder with ca-cert.pem, ca-key.pem, cert-chain.pem and root-cert.pem;"
              + " there is no folder "
              + cacerts.get());
    }
    return new ClusterSpec(label(fields, "name", fields.required("name")), ca, cacerts);
  }

  private static WorkloadSpec workload(YamlFields fields, Path folder, List<ClusterSpec> clusters) {
    fields.only(
        "name",
        "namespace",
        "cluster",
        "serviceAccount",
        "labels",
        "command",
        "env",
        "cwd",
        "listening",
        "ports",
        "service",
        "services",
        "proxy");
    String name = label(fields, "name", fields.required("name"));
    String cluster = fields.text("cluster", "");
    if (!cluster.isEmpty() && clusters.stream().noneMatch(c -> c.name().equals(cluster))) {
      fields.wrong("cluster", "`" + cluster + "` is not in the list `clusters`");
    }
    if (cluster.isEmpty() && clusters.size() > 1) {
      fields.wrong("cluster", "is missing, and there are " + clusters.size() + " clusters");
    }
    var services = new ArrayList<>(fields.texts("services"));
    services.addAll(fields.texts("service"));
    services.forEach(service -> label(fields, "services", service));
    Map<String, String> labels = fields.map("labels");
    return new WorkloadSpec(
        name,
        label(fields, "namespace", fields.text("namespace", "default")),
        cluster,
        label(fields, "serviceAccount", fields.text("serviceAccount", "default")),
        labels.isEmpty() ? Map.of("app", name) : labels,
        application(fields, folder),
        ports(fields),
        services,
        proxy(fields));
  }

  private static Proxy proxy(YamlFields fields) {
    String whose = fields.text("proxy", "selvage");
    return switch (whose) {
      case "selvage" -> Proxy.SELVAGE;
      case "external" -> Proxy.EXTERNAL;
      default -> {
        fields.wrong("proxy", "must be selvage or external, not " + whose);
        yield Proxy.SELVAGE;
      }
    };
  }

  private static Application application(YamlFields fields, Path folder) {
    if (fields.has("command") == fields.has("listening")) {
      fields.wrong("command", "either `command` or `listening` is needed, and not both");
    }
    if (fields.has("listening")) {
      return new WorkloadSpec.Listening(listening(fields));
    }
    var directory =
        fields.has("cwd")
            ? Optional.of(folder.resolve(fields.text("cwd", ".")))
            : Optional.of(folder);
    return new WorkloadSpec.Command(fields.texts("command"), fields.map("env"), directory);
  }

  private static InetSocketAddress listening(YamlFields fields) {
    String text = fields.text("listening", "");
    var matcher = LOCAL.matcher(text);
    if (matcher.matches()) {
      return new InetSocketAddress(
          InetAddress.ofLiteral(text.substring(0, text.indexOf(':'))),
          port(fields, "listening", matcher.group(1)));
    }
    fields.wrong("listening", "must be 127.0.0.1:PORT");
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  private static List<WorkloadSpec.Port> ports(YamlFields fields) {
    return fields.list("ports").stream()
        .map(
            port ->
                new WorkloadSpec.Port(
                    port.only("name", "port", "protocol").text("name", "http"),
                    port(port, "port", port.required("port")),
                    port.text("protocol", "TCP")))
        .toList();
  }

  private static int port(YamlFields fields, String field, String text) {
    int number = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    if (number < 1 || number > 65_535) {
      fields.wrong(field, "must be a port from 1 to 65535, not `" + text + "`");
      return 1;
    }
    return number;
  }

  private static String label(YamlFields fields, String field, String text) {
    if (!text.isEmpty() && !DNS_LABEL.matcher(text).matches()) {
      fields.wrong(field, "`" + text + "` is no name: lower-case letters, digits and dashes");
    }
    return text;
  }

  private static void noTwoAlike(YamlFields top, List<WorkloadSpec> workloads) {
    var seen = new HashSet<String>();
    for (var workload : workloads) {
      if (!seen.add(workload.fileName())) {
        top.wrong("workloads", workload.qualifiedName() + " is there twice in one cluster");
      }
    }
  }

  private static void servicesSelectTheirWorkloads(YamlFields top, List<WorkloadSpec> workloads) {
    Map<String, List<WorkloadSpec>> behind = new TreeMap<>();
    for (var workload : workloads) {
      for (String service : workload.services()) {
        behind
            .computeIfAbsent(workload.namespace() + "/" + service, _ -> new ArrayList<>())
            .add(workload);
      }
    }
    behind.forEach(
        (service, all) -> {
          if (WorkloadSpec.sharedLabels(all).isEmpty()) {
            top.wrong(
                "workloads",
                "service %s can select none of %s, which have no label in common: give all the same `labels: {app: …}`"
                    .formatted(service, names(all)));
          }
        });
  }

  private static String names(List<WorkloadSpec> workloads) {
    return String.join(
        " and ", workloads.stream().map(WorkloadSpec::qualifiedName).distinct().toList());
  }
}
