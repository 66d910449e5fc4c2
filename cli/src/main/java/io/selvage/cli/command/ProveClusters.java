package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.prove.ClusterInput;
import io.selvage.cli.prove.SideSource;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.source.ClusterObjects;
import io.selvage.control.kubernetes.source.Revisions;
import io.selvage.model.PodTemplate;
import io.selvage.model.PodTemplateReader;
import io.selvage.model.PolicyAssertions;
import io.selvage.model.Problem;
import io.selvage.model.ProblemCodes;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import io.selvage.prove.input.MeshInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.event.Level;

/** Clusters as they are now, read once each. */
final class ProveClusters implements SideSource {
  /** Something that is read of a cluster. */
  private interface Reading<T> {
    T of(KubernetesClient client) throws IOException;
  }

  private final List<String> contexts;
  private final Optional<Path> kubeconfig;
  private final String istioNamespace;

  /** The clusters of these contexts. */
  ProveClusters(List<String> contexts, Optional<Path> kubeconfig, String istioNamespace) {
    this.contexts = contexts.stream().distinct().toList();
    this.kubeconfig = kubeconfig;
    this.istioNamespace = istioNamespace;
  }

  @Override
  public String label() {
    return String.join(", ", contexts);
  }

  @Override
  public List<ClusterInput> read() {
    LogRouting.toStandardError(Level.ERROR);
    List<ClusterInput> clusters = new ArrayList<>();
    for (String context : contexts) {
      clusters.add(
          new ClusterInput(contexts.size() == 1 ? "" : context, input(context), List.of()));
    }
    return clusters;
  }

  /**
   * What the users of these clusters demand in the ConfigMaps {@code selvage-assertions}, each
   * demand once.
   */
  List<PolicyAssertions> demands() {
    LogRouting.toStandardError(Level.ERROR);
    return contexts.stream()
        .flatMap(
            context ->
                reading(context, client -> ClusterDemands.of(client, context, istioNamespace))
                    .stream())
        .distinct()
        .toList();
  }

  private MeshInput input(String context) {
    ClusterObjects objects =
        reading(context, client -> ClusterObjects.read(client, istioNamespace));
    if (!objects.missing().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "cluster %s does not serve %s, so there is no mesh's policy to prove anything of\n"
                  .formatted(context, String.join(", ", objects.missing()))
              + "  selvage install --context %s    adds Istio's resource definitions"
                  .formatted(context));
    }
    List<String> settings =
        objects.trees().keySet().stream().filter(name -> name.startsWith("ConfigMap ")).toList();
    if (settings.size() > 1) {
      throw new UserError(
          ExitCode.USAGE,
          "cluster %s has settings for several revisions of Istio (%s), and proofs need one mesh's;\n"
                  .formatted(context, String.join(", ", settings))
              + "  save its objects with the settings that are meant, and prove with -f FOLDER");
    }
    return read(objects.trees());
  }

  private <T> T reading(String context, Reading<T> what) {
    try (KubernetesClient client = ClusterConnection.open(kubeconfig, Optional.of(context))) {
      return what.of(client);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      throw new UserError(
          ExitCode.USAGE,
          "cluster %s cannot be read, so nothing is proved of it: %s"
              .formatted(context, e.getMessage()));
    }
  }

  private static MeshInput read(Map<String, Map<String, Object>> trees) {
    List<Resource> resources = new ArrayList<>();
    List<PodTemplate> templates = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    trees.forEach(
        (name, tree) -> {
          if (PodTemplateReader.knows(String.valueOf(tree.get("kind")))) {
            PodTemplateReader.Result read = PodTemplateReader.readObject(name, tree);
            templates.addAll(read.read());
            problems.addAll(read.problems());
          } else {
            ReadResult read = ResourceReader.readObject(name, tree);
            resources.addAll(read.resources());
            problems.addAll(read.problems());
            if (String.valueOf(tree.get("apiVersion")).contains(".istio.io/")) {
              meantForOne(name, read.resources()).ifPresent(problems::add);
            }
            if (!read.refused().isEmpty() && !read.hasErrors()) {
              problems.add(
                  Problem.error(
                      ProblemCodes.NOT_A_RESOURCE,
                      new SourceLocation(name, 0, 0),
                      "",
                      "cannot be understood"));
            }
          }
        });
    return new MeshInput(resources, templates, List.of(), problems);
  }

  /** Whom a resource is in force for is not known here: which proxies are a revision's. */
  private static Optional<Problem> meantForOne(String name, List<Resource> read) {
    return read.stream()
        .flatMap(
            resource -> Optional.ofNullable(resource.meta().labels().get(Revisions.LABEL)).stream())
        .findFirst()
        .map(
            revision ->
                Problem.warning(
                    Revisions.ELSEWHERE,
                    new SourceLocation(name, 0, 0),
                    "metadata.labels[\"" + Revisions.LABEL + "\"]",
                    "it is meant for the control plane \"%s\" alone, and taken to be in force for all"
                        .formatted(revision)));
  }
}
