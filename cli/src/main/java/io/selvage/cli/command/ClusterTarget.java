package io.selvage.cli.command;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.ClusterInput;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.SideSource;
import io.selvage.cli.prove.WantedFiles;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.source.WatchedKind;
import io.selvage.model.PolicyAssertions;
import io.selvage.model.Resource;
import io.selvage.prove.input.MeshInput;
import io.selvage.prove.input.SourceText;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Clusters to which Istio's objects are applied on the server's side, under a field manager of our
 * own. Objects of other kinds are left to {@code kubectl}.
 */
final class ClusterTarget implements ApplyTarget {
  /** Under which the fields that are set here are known. */
  static final String MANAGER = "selvage-apply";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ClusterChoice choice;
  private final boolean takesOver;
  private final String label;
  private final List<ClusterInput> inForce;
  private final MeshInput files;
  private final List<ObjectNode> objects;
  private final Map<String, KubernetesClient> clients = new LinkedHashMap<>();

  private ClusterTarget(ClusterChoice choice, WantedFiles wanted, boolean takesOver) {
    this.choice = choice;
    this.takesOver = takesOver;
    List<String> contexts = choice.contexts().stream().flatMap(Optional::stream).toList();
    SideSource clusters = new ProveClusters(contexts, choice.kubeconfig(), choice.namespace());
    this.label = clusters.label();
    this.inForce = clusters.read();
    Side.read(wanted.alone());
    List<ClusterInput> written = wanted.alone().read();
    if (written.size() > 1) {
      throw new UserError(
          ExitCode.USAGE,
          wanted.label() + " is for several clusters: apply the files of one after the other");
    }
    this.files = written.getFirst().input();
    this.objects = objects(wanted);
    refuseWhatIsShownAndNotApplied();
    try {
      for (String context : contexts) {
        clients.put(context, ClusterConnection.open(choice.kubeconfig(), Optional.of(context)));
      }
    } catch (IOException e) {
      close();
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /** The clusters that were chosen. */
  static ApplyTarget of(ClusterChoice choice, WantedFiles wanted, boolean takesOver) {
    return new ClusterTarget(choice, wanted, takesOver);
  }

  private void refuseWhatIsShownAndNotApplied() {
    Set<String> found = objects.stream().map(ClusterTarget::name).collect(Collectors.toSet());
    for (Resource resource : files.resources()) {
      if (isMeshs(resource.kind()) && !found.contains(key(resource))) {
        throw new UserError(
            ExitCode.USAGE,
            "%s: %s cannot be applied as it is written"
                .formatted(resource.meta().at(), key(resource)));
      }
    }
  }

  private static List<ObjectNode> objects(WantedFiles wanted) {
    List<ObjectNode> all = new ArrayList<>();
    for (SourceText file : wanted.byPath().values()) {
      for (JsonNode document : ClusterYaml.read(file.text())) {
        List<JsonNode> parts = new ArrayList<>(List.of(document));
        document.path("items").forEach(parts::add);
        for (JsonNode part : parts) {
          if (part instanceof ObjectNode object && isMeshs(object)) {
            all.add(meant(object));
          }
        }
      }
    }
    // What denies comes first, so that nothing is open meanwhile that isn't before or after.
    all.sort(Comparator.comparing((ObjectNode object) -> !denies(object)));
    return all;
  }

  private static boolean isMeshs(ObjectNode object) {
    String group = object.path("apiVersion").asString("").replaceFirst("/.*", "");
    return WatchedKind.isCustom(group, object.path("kind").asString(""));
  }

  private static boolean denies(ObjectNode object) {
    return Set.of("DENY", "CUSTOM").contains(object.at("/spec/action").asString(""));
  }

  /** Without what only the API server writes. */
  private static ObjectNode meant(ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    copy.remove("status");
    ObjectNode metadata =
        copy.path("metadata") instanceof ObjectNode there ? there : copy.putObject("metadata");
    metadata.remove(
        List.of("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"));
    if (metadata.path("namespace").asString("").isEmpty()) {
      metadata.put("namespace", "default");
    }
    return copy;
  }

  @Override
  public Side now() {
    return Side.read(SideSource.of(label, () -> inForce));
  }

  @Override
  public Side then() {
    List<ClusterInput> all = new ArrayList<>();
    for (ClusterInput cluster : inForce) {
      MeshInput is = cluster.input();
      Map<String, Resource> resources = new LinkedHashMap<>();
      is.resources().forEach(each -> resources.put(key(each), each));
      files.resources().stream()
          .filter(each -> isMeshs(each.kind()))
          .forEach(each -> resources.put(key(each), each));
      all.add(
          new ClusterInput(
              cluster.name(),
              new MeshInput(
                  List.copyOf(resources.values()), is.templates(), List.of(), is.problems()),
              List.of()));
    }
    return Side.read(SideSource.of(label + ", changed", () -> all));
  }

  private static boolean isMeshs(String kind) {
    return WatchedKind.isCustom("security.istio.io", kind)
        || WatchedKind.isCustom("networking.istio.io", kind);
  }

  private static String key(Resource resource) {
    return resource.kind() + " " + resource.meta().qualifiedName();
  }

  /** Those of the files, and of each cluster's ConfigMap; one that isn't understood is an error. */
  @Override
  public List<PolicyAssertions> demands() {
    List<PolicyAssertions> all = new ArrayList<>(files.assertions());
    clients.forEach(
        (context, client) -> {
          List<PolicyAssertions> its = ClusterDemands.of(client, context, choice.namespace());
          its.stream().filter(each -> !all.contains(each)).forEach(all::add);
        });
    return all;
  }

  @Override
  public List<String> plan() {
    List<String> lines = new ArrayList<>();
    clients.forEach(
        (context, client) -> {
          for (ObjectNode object : objects) {
            ObjectNode live = live(context, client, object);
            ObjectNode then = patched(context, client, object, true);
            if (live == null || !same(live, then)) {
              lines.add(
                  "%-10s %s in %s"
                      .formatted(live == null ? "create" : "update", name(object), context));
            }
          }
        });
    return lines;
  }

  private static boolean same(JsonNode live, JsonNode then) {
    return List.of("/spec", "/metadata/labels", "/metadata/annotations").stream()
        .allMatch(part -> live.at(part).equals(then.at(part)));
  }

  private static String name(ObjectNode object) {
    return "%s %s/%s"
        .formatted(
            object.path("kind").asString(),
            object.at("/metadata/namespace").asString(),
            object.at("/metadata/name").asString());
  }

  private static @Nullable ObjectNode live(
      String context, KubernetesClient client, ObjectNode object) {
    try {
      GenericKubernetesResource found =
          client
              .genericKubernetesResources(
                  object.path("apiVersion").asString(), object.path("kind").asString())
              .inNamespace(object.at("/metadata/namespace").asString())
              .withName(object.at("/metadata/name").asString())
              .get();
      return found == null ? null : json(client, found);
    } catch (KubernetesClientException e) {
      throw refused(context, object, e);
    }
  }

  private ObjectNode patched(
      String context, KubernetesClient client, ObjectNode object, boolean tried) {
    PatchContext how =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(MANAGER)
            .withForce(takesOver)
            .withDryRun(tried ? List.of("All") : List.of())
            .build();
    GenericKubernetesResource item =
        client
            .getKubernetesSerialization()
            .unmarshal(JSON.writeValueAsString(object), GenericKubernetesResource.class);
    try {
      return json(
          client,
          client
              .genericKubernetesResources(
                  object.path("apiVersion").asString(), object.path("kind").asString())
              .inNamespace(object.at("/metadata/namespace").asString())
              .resource(item)
              .patch(how));
    } catch (KubernetesClientException e) {
      throw refused(context, object, e);
    }
  }

  private static UserError refused(String context, ObjectNode object, KubernetesClientException e) {
    String more =
        e.getCode() == HttpURLConnection.HTTP_CONFLICT
            ? "\n  --force-conflicts sets fields that others have set to something else"
            : "";
    return new UserError(
        ExitCode.FINDINGS,
        "%s in %s: %s%s".formatted(name(object), context, ClusterRun.words(e), more));
  }

  private static ObjectNode json(KubernetesClient client, GenericKubernetesResource resource) {
    return (ObjectNode) JSON.readTree(client.getKubernetesSerialization().asJson(resource));
  }

  @Override
  public String apply() {
    List<String> done = new ArrayList<>();
    clients.forEach(
        (context, client) -> {
          for (ObjectNode object : objects) {
            try {
              patched(context, client, object, false);
              done.add(name(object) + " in " + context);
            } catch (UserError e) {
              throw new UserError(
                  e.exitCode(),
                  e.getMessage()
                      + (done.isEmpty()
                          ? "\n  nothing was applied before it"
                          : "\n  applied before it: " + String.join("; ", done)));
            }
          }
        });
    return "%d objects were applied to %s"
        .formatted(objects.size(), String.join(", ", clients.keySet()));
  }

  @Override
  public void close() {
    clients.values().forEach(KubernetesClient::close);
  }
}
