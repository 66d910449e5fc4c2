package io.selvage.doctor.check.authorization;

import io.selvage.control.workload.MeshService;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Spelled;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.ExtensionProvider;
import io.selvage.model.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * External authorizers that CUSTOM policies ask: whether they exist, and what their silence means.
 */
public final class Authorizers {
  /** They exist, have somebody who answers, and fail closed. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4012",
              "external authorizers answer, and their silence denies",
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              "R6"),
          Authorizers::ask);

  private Authorizers() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY, Kind.SERVICE, Kind.POD)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    Map<String, List<AuthorizationPolicy>> byProvider = new LinkedHashMap<>();
    mesh.snapshot().all(AuthorizationPolicy.class).stream()
        .filter(policy -> policy.action() == Action.CUSTOM)
        .forEach(
            policy ->
                byProvider
                    .computeIfAbsent(policy.provider().orElse(""), _ -> new ArrayList<>())
                    .add(policy));
    if (byProvider.isEmpty()) {
      if (results.isFine()) {
        results.skip("no policy asks an external authorizer");
      }
      return;
    }
    byProvider.forEach((name, policies) -> provider(cluster, mesh, name, policies, results));
    several(cluster, mesh, results);
    if (results.isFine()) {
      results.pass(
          "%s exist, have endpoints and fail closed"
              .formatted(Words.count(byProvider.size(), "authorizer")));
    }
  }

  private static void provider(
      ClusterEvidence cluster,
      MeshView mesh,
      String name,
      List<AuthorizationPolicy> policies,
      Results results) {
    Optional<ExtensionProvider> provider = mesh.settings().extensionProvider(name);
    if (provider.isEmpty()) {
      List<String> known =
          mesh.settings().extensionProviders().stream().map(ExtensionProvider::name).toList();
      Policies.about(
              results.fail(
                  "%s asks the provider %s, which is not in the mesh's settings%s"
                      .formatted(
                          Policies.ref(policies.getFirst()), name, Spelled.meant(name, known))),
              cluster,
              policies.getFirst())
          .seen("extensionProviders: " + known, "GET configmap istio")
          .effect("every request that the policy meets is denied")
          .next("add it to extensionProviders of the mesh's settings, or name another");
      return;
    }
    ExtensionProvider.ExternalService service = provider.get().service();
    String host = service.host().substring(service.host().indexOf('/') + 1);
    String full = Service.fullHost(host, mesh.settings().rootNamespace());
    Optional<MeshService> known = mesh.services().service(full);
    boolean answers =
        known
            .map(
                found ->
                    found.resolution() == MeshService.Resolution.DNS
                        || !mesh.services().endpoints(full, service.port()).isEmpty())
            .orElse(false);
    if (!answers) {
      Policies.about(
              results.fail(
                  "the authorizer %s at %s:%d %s%s"
                      .formatted(
                          name,
                          full,
                          service.port(),
                          known.isEmpty() ? "is no Service of the mesh" : "has no endpoints",
                          service.failOpen() ? ", and failOpen lets everything pass" : "")),
              cluster,
              policies.getFirst())
          .effect(
              service.failOpen()
                  ? "an open door: requests that it should judge pass unasked"
                  : "requests that it should judge are denied")
          .next("bring it back, or mend its address in extensionProviders");
    } else if (service.failOpen()) {
      Policies.about(
              results.warn(
                  "the authorizer %s fails open: when it is silent, requests pass".formatted(name)),
              cluster,
              policies.getFirst())
          .seen("failOpen: true", "GET configmap istio")
          .effect("whoever can make it silent is past it")
          .next("set failOpen: false unless that is meant");
    }
  }

  /** Istio denies where one workload has several, unless it is told to allow that. */
  private static void several(ClusterEvidence cluster, MeshView mesh, Results results) {
    if (allowsSeveral(cluster)) {
      return;
    }
    Set<String> told = new TreeSet<>();
    for (PodView pod : mesh.inMesh()) {
      List<AuthorizationPolicy> custom = Policies.enforced(mesh, pod, Action.CUSTOM);
      Set<String> names = new TreeSet<>();
      custom.forEach(policy -> names.add(policy.provider().orElse("")));
      if (names.size() > 1 && told.add(names.toString())) {
        Policies.about(
                results.fail(
                    "%s has several authorizers (%s), and may have one"
                        .formatted(pod.qualified(), String.join(", ", names))),
                cluster,
                custom.getFirst())
            .effect("every request that these policies meet is denied")
            .next("leave one of them, or PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS at istiod");
      }
    }
  }

  private static boolean allowsSeveral(ClusterEvidence cluster) {
    return cluster.objects().all(Kind.DEPLOYMENT).stream()
        .flatMap(one -> one.at("/spec/template/spec/containers").valueStream())
        .flatMap(container -> container.path("env").valueStream())
        .anyMatch(
            variable ->
                variable
                        .path("name")
                        .asString("")
                        .equals("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS")
                    && variable.path("value").asString("").equals("true"));
  }
}
