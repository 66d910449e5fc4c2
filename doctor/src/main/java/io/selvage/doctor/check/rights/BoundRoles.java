package io.selvage.doctor.check.rights;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.Rbac;
import io.selvage.doctor.mesh.Rbac.Right;
import io.selvage.doctor.mesh.ShippedRights;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.util.List;
import java.util.Set;

/**
 * SLV6003: the roles that the control plane's bindings refer to exist. A binding to a role that is
 * not there is no error in Kubernetes; it gives nothing. What the roles give is asked of the API
 * server (SLV6001); only where that may not be asked are their rules compared with those shipped.
 */
public final class BoundRoles {
  private BoundRoles() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV6003",
            "the roles that the control plane is bound to exist",
            Set.of(Source.OBJECTS),
            FixClass.CONSENTED,
            "R9"),
        BoundRoles::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    List<ControlPlane> planes = Asked.controlPlanes(cluster, results);
    if (planes.isEmpty()
        || !Need.kinds(cluster, results, Kind.DEPLOYMENT)
        || !Need.kinds(cluster, results, Rbac.kinds())) {
      return;
    }
    Rbac rbac = Rbac.of(cluster);
    int bindings = 0;
    for (ControlPlane plane : planes) {
      String account = plane.serviceAccount().orElse("");
      List<ApiObject> its =
          rbac.bindingsOf(plane.flavour().namespace(), account).stream()
              .filter(binding -> !binding.text("/roleRef/name").startsWith("system:"))
              .toList();
      bindings += its.size();
      its.stream()
          .filter(binding -> rbac.role(binding).isEmpty())
          .forEach(binding -> missing(plane, binding, results));
      if (cluster.access().found().isEmpty()) {
        rules(plane, its, rbac, results);
      }
    }
    if (results.all().isEmpty()) {
      results
          .pass("%d bindings, all to roles that exist".formatted(bindings))
          .seen("roleRef", "GET (cluster)rolebindings, (cluster)roles");
    }
  }

  private static void missing(ControlPlane plane, ApiObject binding, Results results) {
    String role = binding.text("/roleRef/kind") + " " + binding.text("/roleRef/name");
    var said =
        results
            .fail("%s refers to %s, which is not there".formatted(binding.ref(), role))
            .about(binding.ref())
            .seen("roleRef " + role, "GET " + binding.ref())
            .cause("the role was deleted or renamed; a binding to nothing is no error")
            .effect("%s has none of the rights that it was to give".formatted(plane.name()))
            .next("apply the role of the install manifest again");
    RoleMending.role(plane, binding.text("/roleRef/name")).ifPresent(said::fix);
  }

  /** By rules alone, where the API server may not be asked. */
  private static void rules(
      ControlPlane plane, List<ApiObject> bindings, Rbac rbac, Results results) {
    List<ApiObject> roles =
        bindings.stream().flatMap(binding -> rbac.role(binding).stream()).toList();
    List<Right> missing =
        ShippedRights.of(plane.flavour()).stream()
            .filter(right -> roles.stream().noneMatch(role -> Rbac.allows(role, right)))
            .toList();
    if (!missing.isEmpty()) {
      var said =
          results
              .fail(
                  "the roles of %s lack %s"
                      .formatted(
                          plane.name(), Shown.some(missing.stream().map(Right::toString).toList())))
              .seen("compared with what is shipped", "rules of (cluster)roles")
              .cause("a role was cut down, or is another version's")
              .effect("what it is for does not work")
              .next("apply the roles of the install manifest again");
      roles.forEach(role -> said.about(role.ref()));
      RoleMending.of(plane, missing).ifPresent(said::fix);
    }
  }
}
