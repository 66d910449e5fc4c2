package io.selvage.doctor.check.rights;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Rbac;
import io.selvage.doctor.mesh.Rbac.Grant;
import io.selvage.doctor.mesh.Rbac.Right;
import io.selvage.doctor.mesh.Subjects;
import io.selvage.doctor.view.Need;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** SLV6006: not everybody may rewrite the mesh: its policies, its webhooks, its settings. */
public final class MeshWriters {
  private MeshWriters() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV6006",
            "not everybody may rewrite policies, webhooks and settings",
            Set.of(Source.OBJECTS),
            FixClass.PRINTED),
        MeshWriters::ask);
  }

  private static List<Right> rights(String home) {
    return List.of(
        new Right("patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "", ""),
        new Right(
            "update", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "", ""),
        new Right("create", "security.istio.io", "authorizationpolicies", home, ""),
        new Right("delete", "security.istio.io", "authorizationpolicies", home, ""),
        new Right("patch", "security.istio.io", "peerauthentications", home, ""),
        new Right("patch", "", "configmaps", home, "istio"),
        new Right("create", "networking.istio.io", "envoyfilters", home, ""),
        new Right("update", "", "secrets", home, "cacerts"));
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty() || !Need.kinds(cluster, results, Rbac.kinds())) {
      return;
    }
    String home = flavour.get().namespace();
    Map<Grant, Set<String>> wide = new LinkedHashMap<>();
    for (Right right : rights(home)) {
      for (Grant grant : Rbac.of(cluster).whoCan(right)) {
        if (Subjects.of(grant.subject(), home) == Subjects.Kind.EVERYBODY) {
          wide.computeIfAbsent(grant, _ -> new LinkedHashSet<>()).add(right.toString());
        }
      }
    }
    wide.forEach((grant, rights) -> fail(grant.subject(), grant.binding(), rights, results));
    if (results.all().isEmpty()) {
      results
          .pass("nobody is everybody among those who may")
          .seen(rights(home).size() + " rights", "roles and bindings");
    }
  }

  private static void fail(String subject, ObjectRef binding, Set<String> rights, Results results) {
    var said =
        results
            .fail("%s may %s".formatted(subject, String.join(", ", rights)))
            .about(binding)
            .cause("%s binds everybody".formatted(binding))
            .effect("any Pod or user can take policy or mTLS away from the whole mesh")
            .next(
                "kubectl describe %s %s%s"
                    .formatted(
                        binding.kind(),
                        binding.namespace().isEmpty() ? "" : "-n " + binding.namespace() + " ",
                        binding.name()));
    rights.forEach(right -> said.seen("may " + right, "roles and bindings"));
  }
}
