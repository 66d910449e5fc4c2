package io.selvage.model;

import io.selvage.model.AuthorizationPolicy.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can only be seen to be wrong with resources side by side. */
final class SnapshotChecks {

  private final MeshSnapshot snapshot;
  private final List<Problem> problems = new ArrayList<>();

  private SnapshotChecks(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  static List<Problem> of(MeshSnapshot snapshot) {
    SnapshotChecks checks = new SnapshotChecks(snapshot);
    checks.customPoliciesHaveProviders();
    checks.oldestPeerAuthenticationDecides();
    checks.oldestSidecarDecides();
    return checks.problems;
  }

  private void customPoliciesHaveProviders() {
    for (AuthorizationPolicy policy : snapshot.all(AuthorizationPolicy.class)) {
      Optional<String> provider = policy.provider();
      if (policy.action() == Action.CUSTOM
          && provider.isPresent()
          && snapshot.meshConfig().extensionProvider(provider.get()).isEmpty()) {
        problems.add(unknownProvider(policy, provider.get()));
      }
    }
  }

  private Problem unknownProvider(AuthorizationPolicy policy, String provider) {
    List<String> known =
        snapshot.meshConfig().extensionProviders().stream().map(ExtensionProvider::name).toList();
    String names = known.isEmpty() ? "it has none" : "it has " + String.join(", ", known);
    return Problem.warning(
            ProblemCodes.UNKNOWN_PROVIDER,
            policy.meta().at(),
            "spec.provider.name",
            "no extension provider \"%s\" in the mesh config (%s); matching requests are denied"
                .formatted(provider, names))
        .suggesting(Spelling.nearest(provider, known));
  }

  private void oldestPeerAuthenticationDecides() {
    Map<String, PeerAuthentication> first = new HashMap<>();
    for (PeerAuthentication policy : snapshot.all(PeerAuthentication.class)) {
      String namespace = policy.meta().namespace();
      if (policy.selectsSome() && namespace.equals(snapshot.meshConfig().rootNamespace())) {
        problems.add(
            ignored(
                ProblemCodes.PEER_AUTHENTICATION_IGNORED,
                "PeerAuthentication",
                policy.meta(),
                "spec.selector",
                "a selector in the root namespace is not supported"));
        continue;
      }
      String selected =
          policy.selectsSome() ? policy.selector().orElseThrow().matchLabels().toString() : "";
      PeerAuthentication older = first.putIfAbsent(namespace + " " + selected, policy);
      if (older != null) {
        problems.add(
            ignored(
                ProblemCodes.PEER_AUTHENTICATION_IGNORED,
                "PeerAuthentication",
                policy.meta(),
                "metadata.name",
                older(older.meta(), "selects")));
      }
    }
  }

  private void oldestSidecarDecides() {
    Map<String, Sidecar> first = new HashMap<>();
    for (Sidecar sidecar : snapshot.all(Sidecar.class)) {
      if (sidecar.workloadSelector().isPresent()) {
        continue;
      }
      Sidecar older = first.putIfAbsent(sidecar.meta().namespace(), sidecar);
      if (older != null) {
        problems.add(
            ignored(
                ProblemCodes.SIDECAR_IGNORED,
                "Sidecar",
                sidecar.meta(),
                "metadata.name",
                older(older.meta(), "is for")));
      }
    }
  }

  private static String older(ObjectMeta one, String does) {
    return "\"%s\" at %s %s the same workloads and is older or first by name"
        .formatted(one.name(), one.at(), does);
  }

  private static Problem ignored(
      String code, String kind, ObjectMeta meta, String field, String why) {
    return Problem.warning(
        code, meta.at(), field, "%s %s is ignored: %s".formatted(kind, meta.qualifiedName(), why));
  }
}
