package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.RequestAuthentication;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** What an answer rests on, in sentences for people. */
final class Assumptions {
  private static final Set<String> SET_BY_PROXIES =
      Set.of("x-forwarded-for", "x-forwarded-client-cert", "x-forwarded-proto", "x-request-id");
  private static final int MOST_NAMES = 8;

  private Assumptions() {}

  static List<String> of(Question question, Mesh... meshes) {
    List<String> all = new ArrayList<>();
    Options options = question.options();
    all.add(callers(options, question.principals().size()));
    all.add(
        switch (options.ipIdentity()) {
          case FREE -> "Any caller may come from any address.";
          case INVENTORY ->
              "Known workloads call from their known addresses, and nobody else does.";
        });
    all.add("Traffic reaches workloads through their proxies, with paths as those normalise them.");
    Set<String> without = new TreeSet<>();
    Set<String> gateways = new TreeSet<>();
    boolean tokens = false;
    boolean authorizers = false;
    boolean targets = false;
    boolean dryRun = false;
    Set<String> headers = new TreeSet<>();
    for (Mesh mesh : meshes) {
      mesh.workloads().stream()
          .filter(workload -> !workload.enforced())
          .forEach(workload -> without.add(workload.qualifiedName()));
      mesh.workloads().stream()
          .filter(workload -> workload.enforcer() == Enforcer.GATEWAY)
          .forEach(workload -> gateways.add(workload.qualifiedName()));
      for (MeshSnapshot snapshot : mesh.clusters().values()) {
        tokens |= !snapshot.all(RequestAuthentication.class).isEmpty();
        for (AuthorizationPolicy policy : snapshot.all(AuthorizationPolicy.class)) {
          authorizers |= policy.action() == AuthorizationPolicy.Action.CUSTOM;
          targets |= !policy.targetRefs().isEmpty();
          dryRun |= policy.dryRun();
          headers.addAll(headers(policy));
        }
      }
    }
    if (!without.isEmpty()) {
      all.add("These have no proxy, and take plaintext of anybody: " + listed(without) + ".");
    }
    if (!gateways.isEmpty()) {
      all.add(
          "Gateways may take any port for HTTP or for TCP, and callers with any certificate or none:"
              + " "
              + listed(gateways)
              + ".");
    }
    if (tokens) {
      all.add("Tokens are those that verify; a request with another one is refused.");
    }
    if (authorizers) {
      all.add("External authorizers can be reached, and may agree or refuse.");
    }
    if (targets) {
      all.add(
          "Policies with targetRefs bind the gateways and waypoints that they name, and no"
              + " sidecar.");
    }
    if (dryRun) {
      all.add(
          options.promoteDryRun()
              ? "Dry-run policies count as if they were enforced."
              : "Dry-run policies decide nothing.");
    }
    if (!headers.isEmpty()) {
      all.add(
          "Headers that proxies set are taken as the client sends them: " + listed(headers) + ".");
    }
    return List.copyOf(all);
  }

  private static String callers(Options options, int known) {
    if (!options.unknownIdentities()) {
      return "Callers are the %d known identities, and plaintext.".formatted(known);
    }
    return switch (options.identities()) {
      case ISTIO ->
          "Callers are plaintext and any identity of the form TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT,"
              + " known or not.";
      case SPIFFE -> "Callers are plaintext and any SPIFFE ID with a path, known or not.";
    };
  }

  private static Set<String> headers(AuthorizationPolicy policy) {
    Set<String> named = new TreeSet<>();
    for (AuthorizationPolicy.Rule rule : policy.ruleList()) {
      for (AuthorizationPolicy.Condition condition : rule.when()) {
        String key = condition.key().toLowerCase(Locale.ROOT);
        for (String name : SET_BY_PROXIES) {
          if (key.equals("request.headers[" + name + "]")) {
            named.add(name);
          }
        }
      }
    }
    return named;
  }

  private static String listed(Set<String> names) {
    List<String> first = names.stream().limit(MOST_NAMES).toList();
    int more = names.size() - first.size();
    return String.join(", ", first) + (more > 0 ? " and %d more".formatted(more) : "");
  }
}
