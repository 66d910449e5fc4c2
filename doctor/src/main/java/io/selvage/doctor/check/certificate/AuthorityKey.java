package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.CaSecret;
import io.selvage.doctor.mesh.Rbac;
import io.selvage.doctor.mesh.Rbac.Grant;
import io.selvage.doctor.mesh.Rbac.Right;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.mesh.Subjects;
import io.selvage.doctor.view.Need;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * SLV1011: nobody but the control plane and administrators may read the CA's key. Who reads it can
 * be anybody in the mesh.
 */
public final class AuthorityKey {
  private AuthorityKey() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1011",
            "the CA's key is read by nobody else",
            Set.of(Source.OBJECTS),
            FixClass.PRINTED),
        AuthorityKey::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty()
        || !Need.kinds(cluster, results, Kind.SECRET)
        || !Need.kinds(cluster, results, Rbac.kinds())) {
      return;
    }
    String home = flavour.get().namespace();
    Optional<CaSecret> secret = CaSecret.of(cluster, home);
    if (secret.isEmpty()) {
      results.skip("no CA's key is kept in %s of this cluster".formatted(home));
      return;
    }
    String name = secret.get().secret().name();
    Map<String, ObjectRef> readers = new LinkedHashMap<>();
    for (String verb : List.of("get", "list", "watch")) {
      Right right = new Right(verb, "", "secrets", home, verb.equals("get") ? name : "");
      Rbac.of(cluster)
          .whoCan(right)
          .forEach(grant -> readers.putIfAbsent(grant.subject(), grant.binding()));
    }
    readers.forEach(
        (subject, binding) ->
            judge(new Grant(subject, binding), name, home, secret.get(), results));
    if (results.all().isEmpty()) {
      results
          .pass("%d subjects may read %s/%s, all expected".formatted(readers.size(), home, name))
          .seen(Shown.some(readers.keySet()), "roles and bindings");
    }
  }

  private static void judge(
      Grant reader, String name, String home, CaSecret secret, Results results) {
    Subjects.Kind kind = Subjects.of(reader.subject(), home);
    String what = "%s may read %s/%s".formatted(reader.subject(), home, name);
    if (kind == Subjects.Kind.EVERYBODY || kind == Subjects.Kind.OTHER_ACCOUNT) {
      (kind == Subjects.Kind.EVERYBODY ? results.fail(what) : results.warn(what))
          .about(secret.secret().ref())
          .about(reader.binding())
          .seen("by " + reader.binding(), "roles and bindings")
          .cause("a role that reads Secrets everywhere, or in " + home)
          .effect("whoever has it can sign certificates for every workload of the mesh")
          .next(
              "narrow the role to the namespaces or names it is for: kubectl describe %s %s%s"
                  .formatted(
                      reader.binding().kind(),
                      reader.binding().namespace().isEmpty()
                          ? ""
                          : "-n " + reader.binding().namespace() + " ",
                      reader.binding().name()));
    }
  }
}
