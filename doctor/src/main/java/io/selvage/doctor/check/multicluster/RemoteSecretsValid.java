package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Remotes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Secrets by which a control plane reads the other clusters ({@code istio/multiCluster=true}):
 * a kubeconfig that can be used, with a token that has not ended.
 */
public final class RemoteSecretsValid {
  /** They can be used. */
  public static final Check CHECK =
      new Check.OfMesh(
          CheckInfo.of(
              "SLV8002",
              "the Secrets that name other clusters can be used",
              Set.of(Source.OBJECTS, Source.METRICS),
              FixClass.PRINTED,
              "R11"),
          RemoteSecretsValid::ask);

  /** Istiod's figure, and of ours what it would be. */
  private static final String SYNC = "istiod_remote_cluster_sync_status";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RemoteSecretsValid() {}

  private static void ask(Evidence evidence, Results results) {
    int usable = 0;
    boolean several = evidence.clusters().size() > 1;
    for (ClusterEvidence cluster : evidence.clusters()) {
      if (Need.all(cluster, Kind.SECRET, results).isEmpty()) {
        continue;
      }
      for (ApiObject secret : Remotes.secrets(cluster)) {
        usable += judge(cluster, secret, results) ? 1 : 0;
      }
      unread(cluster, results);
    }
    if (several) {
      unnamed(evidence, results);
    }
    if (results.all().isEmpty()) {
      if (usable == 0) {
        results.skip("no Secret names another cluster");
      } else {
        results.pass(usable == 1 ? "1 Secret can be used" : usable + " Secrets can be used");
      }
    }
  }

  /** Returns whether the Secret can be used; says why not. */
  private static boolean judge(ClusterEvidence cluster, ApiObject secret, Results results) {
    List<String> problems = new ArrayList<>();
    secret
        .json()
        .path("data")
        .properties()
        .forEach(
            entry ->
                kubeconfig(entry.getValue().asString(""))
                    .ifPresentOrElse(
                        config -> problems.addAll(problems(cluster, entry.getKey(), config)),
                        () ->
                            problems.add(
                                entry.getKey() + " holds no kubeconfig that can be read")));
    if (secret.json().path("data").isEmpty()) {
      problems.add("it is empty");
    }
    if (problems.isEmpty()) {
      return true;
    }
    results
        .fail("%s: %s".formatted(secret.ref(), String.join("; ", problems)))
        .in(cluster.context())
        .about(secret.ref())
        .seen(String.join("; ", problems), "GET " + secret.ref())
        .effect("this control plane does not see the other cluster: its endpoints go missing here")
        .next("make it anew: istioctl create-remote-secret, or selvage remote-secret")
        .fix(
            new Fix.Command(
                "make %s anew".formatted(secret.ref()),
                "istioctl create-remote-secret --context OTHER --name %s | kubectl --context %s apply -f -"
                    .formatted(
                        secret.annotations().getOrDefault(Remotes.CLUSTER, "ID"),
                        cluster.context())));
    return false;
  }

  /** What the control plane itself says of those whose Secrets look as they should. */
  private static void unread(ClusterEvidence cluster, Results results) {
    cluster.metrics().found().stream()
        .flatMap(List::stream)
        .filter(sample -> sample.name().equals(SYNC) && sample.value() > 0)
        .filter(sample -> sample.labels().getOrDefault("status", "").equals("timeout"))
        .map(sample -> sample.labels().getOrDefault("cluster", ""))
        .distinct()
        .filter(id -> !isTold(cluster, id, results))
        .forEach(
            id -> {
              var said =
                  results
                      .fail(
                          "the control plane of %s cannot read the cluster %s"
                              .formatted(cluster.context(), id))
                      .in(cluster.context())
                      .seen("syncStatus timeout of " + id, "/debug/clusterz")
                      .cause(
                          "the API server that the Secret names does not answer from there, or does"
                              + " not accept its token")
                      .effect("its endpoints go missing here, at the latest at the next start")
                      .next(
                          "make the Secret anew: istioctl create-remote-secret, or selvage"
                              + " remote-secret; see that the address can be dialled from Pods");
              secretOf(cluster, id).map(ApiObject::ref).ifPresent(said::about);
            });
  }

  private static Optional<ApiObject> secretOf(ClusterEvidence cluster, String id) {
    return Remotes.secrets(cluster).stream()
        .filter(secret -> secret.json().path("data").has(id))
        .findFirst();
  }

  private static boolean isTold(ClusterEvidence cluster, String id, Results results) {
    return secretOf(cluster, id)
        .map(ApiObject::ref)
        .map(ref -> results.all().stream().anyMatch(one -> one.objects().contains(ref)))
        .orElse(false);
  }

  private static Optional<JsonNode> kubeconfig(String base64) {
    try {
      String text = new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
      JsonNode node = JSON.readTree(text);
      return node != null && node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (IllegalArgumentException | JacksonException e) {
      return Optional.empty();
    }
  }

  private static List<String> problems(ClusterEvidence cluster, String id, JsonNode config) {
    List<String> found = new ArrayList<>();
    if (config.path("clusters").isEmpty()) {
      found.add(id + " names no API server");
    }
    for (JsonNode one : config.path("clusters")) {
      String server = one.at("/cluster/server").asString("");
      if (!server.startsWith("https://")) {
        found.add("%s dials %s, which is not https".formatted(id, server));
      }
      if (one.at("/cluster/insecure-skip-tls-verify").asBoolean(false)) {
        found.add(id + " does not verify the API server (insecure-skip-tls-verify)");
      }
      if (server.matches("https://(localhost|127\\..*|\\[::1]).*")) {
        found.add("%s dials %s, which is the reader's own machine".formatted(id, server));
      }
    }
    for (JsonNode user : config.path("users")) {
      long end = user.at("/user/tokenClaims/exp").asLong(0);
      if (end > 0 && !Instant.ofEpochSecond(end).isAfter(cluster.taken())) {
        found.add("the token for %s ended at %s".formatted(id, Instant.ofEpochSecond(end)));
      }
      JsonNode token = user.at("/user/token");
      boolean other =
          user.path("user").has("client-certificate-data") || user.path("user").has("exec");
      if (token.asString("").isEmpty() && !other) {
        found.add("there is no token for " + id);
      }
    }
    return found;
  }

  /** Of the clusters given, those that one does not know although others know one another. */
  private static void unnamed(Evidence evidence, Results results) {
    boolean any =
        evidence.clusters().stream().anyMatch(cluster -> !Remotes.secrets(cluster).isEmpty());
    if (!any) {
      return;
    }
    for (Clusters.Pair pair : Clusters.directions(evidence.clusters())) {
      Optional<String> id = Clusters.id(pair.other());
      boolean seen = pair.one().objects().look(Kind.SECRET).found().isPresent();
      if (id.isEmpty() || !seen || Clusters.id(pair.one()).equals(id)) {
        continue;
      }
      boolean knows =
          Remotes.secrets(pair.one()).stream()
              .anyMatch(
                  secret ->
                      secret.json().path("data").has(id.get())
                          || id.get().equals(secret.annotations().get(Remotes.CLUSTER)));
      if (!knows) {
        results
            .warn(
                "%s has no Secret for the cluster %s (%s)"
                    .formatted(pair.one().context(), id.get(), pair.other().context()))
            .in(pair.one().context())
            .seen("no Secret with istio/multiCluster=true names it", "GET secrets")
            .effect("workloads here do not see the endpoints there")
            .next("istioctl create-remote-secret, or selvage remote-secret");
      }
    }
  }
}
