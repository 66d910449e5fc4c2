package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.inject.Injector;
import io.selvage.control.kubernetes.inject.PodTemplates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code selvage inject}: sidecars in files instead of in the API server. */
@Command(
    name = "inject",
    description = {
      "Put sidecars into the Pods that manifests describe, and print them.",
      "%nPods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs and Lists of"
          + " them; everything else is printed as it is. What has a sidecar stays as it is. No"
          + " cluster is asked."
    },
    footer = {
      "%nExit status: 1 a Pod can't be injected; nothing is printed then; 2 a file is missing or no"
          + " YAML."
    })
final class InjectCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  /** With {@code --native-sidecars=auto}: what is current. */
  private static final int CURRENT_KUBERNETES = Integer.MAX_VALUE;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      required = true,
      description = "A manifest, or - for standard input; may be repeated.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      description = "Of objects that name none (default ${DEFAULT-VALUE}).")
  private String namespace = "default";

  @Option(
      names = "--control-plane-namespace",
      paramLabel = "NS",
      description = "Where Selvage runs (default ${DEFAULT-VALUE}).")
  private String home = "istio-system";

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      description = "Of the mesh (default ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--cluster",
      paramLabel = "ID",
      description = "The cluster's id in the mesh (default ${DEFAULT-VALUE}).")
  private String cluster = "Kubernetes";

  @ArgGroup(exclusive = false, order = 1, heading = "%nSidecars:%n")
  private InjectionOptions injection = new InjectionOptions();

  @ArgGroup(
      exclusive = false,
      order = 2,
      heading = "%nSidecars, where their Pods' annotations say nothing else:%n")
  private ProxyOptions proxy = new ProxyOptions();

  @Override
  public Integer call() {
    var settings =
        injection.choices(proxy.defaults()).in(home, trustDomain, cluster, CURRENT_KUBERNETES);
    var templates = new PodTemplates(new Injector(settings), namespace);
    List<JsonNode> injected =
        files.stream().flatMap(file -> read(file).stream()).map(templates::injected).toList();
    var err = spec.commandLine().getErr();
    for (PodTemplates.Note note : templates.notes()) {
      err.println(note.object() + ": " + note.text());
    }
    err.flush();
    if (templates.notes().stream().anyMatch(PodTemplates.Note::refused)) {
      return ExitCode.FINDINGS;
    }
    var out = spec.commandLine().getOut();
    out.print(ClusterYaml.write(injected));
    out.flush();
    return ExitCode.OK;
  }

  private static List<JsonNode> read(String file) {
    try {
      return ClusterYaml.read(text(file));
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + " cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, file + " is no YAML: " + e.getMessage());
    }
  }

  private static String text(String file) throws IOException {
    if (!file.equals(STANDARD_INPUT)) {
      return Files.readString(Path.of(file));
    }
    InputStream in = System.in;
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
