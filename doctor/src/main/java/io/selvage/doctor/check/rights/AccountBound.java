package io.selvage.doctor.check.rights;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.Rbac;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * SLV6002: the control plane's Deployment runs as the ServiceAccount that its bindings name. Its
 * name differs between versions ({@code istiod-service-account}, {@code istiod}, {@code
 * istiod-REVISION}), so the Deployment itself is asked.
 */
public final class AccountBound {
  /** Without it no control plane does anything; by it a role of another name is known. */
  private static final Rbac.Right PODS = new Rbac.Right("list", "", "pods", "", "");

  private AccountBound() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV6002",
            "the control plane runs as the account that its bindings name",
            Set.of(Source.OBJECTS),
            FixClass.CONSENTED,
            "R9"),
        AccountBound::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    List<ControlPlane> planes = Asked.controlPlanes(cluster, results);
    if (planes.isEmpty()
        || !Need.kinds(cluster, results, Kind.DEPLOYMENT, Kind.SERVICE_ACCOUNT)
        || !Need.kinds(cluster, results, Rbac.kinds())) {
      return;
    }
    for (ControlPlane plane : planes) {
      plane.serviceAccount().ifPresent(account -> judge(plane, account, results));
    }
    if (results.all().isEmpty()) {
      results
          .pass("runs as %s, which is bound".formatted(planes.getFirst().user().orElse("")))
          .seen("serviceAccountName, subjects", "GET deployments, (cluster)rolebindings");
    }
  }

  private static void judge(ControlPlane plane, String account, Results results) {
    String namespace = plane.flavour().namespace();
    ClusterEvidence cluster = plane.cluster();
    ObjectRef deployment = new ObjectRef("Deployment", namespace, plane.name());
    if (cluster.objects().find(Kind.SERVICE_ACCOUNT, namespace, account).isEmpty()) {
      results
          .fail("%s runs as ServiceAccount %s, which is not there".formatted(plane.name(), account))
          .about(deployment)
          .seen("not found", "GET serviceaccounts/" + account + " -n " + namespace)
          .cause("it was deleted, or the Deployment is another version's")
          .effect("no Pod of it can be created")
          .next("kubectl -n %s create serviceaccount %s".formatted(namespace, account));
      return;
    }
    Rbac rbac = Rbac.of(cluster);
    boolean bound =
        rbac.bindingsOf(namespace, account).stream()
            .filter(binding -> binding.kind().equals("ClusterRoleBinding"))
            .filter(binding -> names(binding, namespace, account))
            .anyMatch(
                binding ->
                    isForControlPlane(binding)
                        || rbac.role(binding).filter(role -> Rbac.allows(role, PODS)).isPresent());
    if (!bound) {
      unbound(plane, account, deployment, results);
    }
  }

  private static boolean names(ApiObject binding, String namespace, String account) {
    return binding
        .at("/subjects")
        .valueStream()
        .anyMatch(
            subject ->
                subject.path("name").asString("").equals(account)
                    && subject.path("namespace").asString("").equals(namespace));
  }

  private static void unbound(
      ControlPlane plane, String account, ObjectRef deployment, Results results) {
    List<ApiObject> others =
        plane.cluster().objects().all(Kind.CLUSTER_ROLE_BINDING).stream()
            .filter(AccountBound::isForControlPlane)
            .toList();
    String subjects =
        Shown.some(
            others.stream()
                .flatMap(
                    binding ->
                        binding
                            .at("/subjects")
                            .valueStream()
                            .map(
                                subject ->
                                    "%s names %s/%s"
                                        .formatted(
                                            binding.name(),
                                            subject.path("namespace").asString(""),
                                            subject.path("name").asString(""))))
                .toList());
    var said =
        results
            .fail(
                "%s runs as ServiceAccount %s, which no binding of its role names"
                    .formatted(plane.name(), account))
            .about(deployment)
            .seen("serviceAccountName " + account, "GET " + deployment)
            .seen(
                subjects.isEmpty() ? "no binding of the control plane's roles" : subjects,
                "GET clusterrolebindings")
            .cause(
                subjects.isEmpty()
                    ? "the bindings were deleted"
                    : "the bindings are another version's or revision's, or the Deployment was"
                        + " changed")
            .effect("the control plane may do nothing: it does not become ready")
            .next("kubectl get clusterrolebindings -o wide | grep " + plane.flavour().namespace());
    others.forEach(binding -> said.about(binding.ref()));
    fix(plane, account, others).ifPresent(said::fix);
  }

  private static Optional<Fix> fix(ControlPlane plane, String account, List<ApiObject> others) {
    if (plane.flavour().kind() == Flavour.Kind.SELVAGE) {
      return Optional.of(
          new Fix.Command(
              "have the installer put the bindings right", "selvage install --force-conflicts"));
    }
    Optional<ApiObject> its =
        others.stream()
            .filter(binding -> binding.name().equals(RoleMending.clusterRole(plane)))
            .findFirst();
    return Optional.of(
        its.<Fix>map(binding -> RoleMending.subject(binding, plane.flavour().namespace(), account))
            .orElseGet(
                () ->
                    new Fix.Apply(
                        "the binding of %s as shipped".formatted(RoleMending.clusterRole(plane)),
                        RoleMending.binding(plane, account))));
  }

  /** By the role that all the rest hangs on; that of the gateways' controller is none of these. */
  private static boolean isForControlPlane(ApiObject binding) {
    String role = binding.text("/roleRef/name");
    return role.startsWith("selvage-control")
        || (role.startsWith("istiod") && !role.startsWith("istiod-gateway-controller"));
  }
}
