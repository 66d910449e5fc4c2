package io.selvage.doctor.check.access;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.view.Need;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** SLV0003: which mesh this is, and in which versions. */
public final class MeshFound {
  private MeshFound() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV0003",
            "a mesh was found, with its versions",
            Set.of(Source.OBJECTS, Source.CLOUD),
            FixClass.EXPLAINED,
            "R1",
            "R11"),
        MeshFound::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> found = Need.of(cluster.flavour(), "which mesh this is", results);
    if (found.isEmpty()) {
      return;
    }
    Flavour flavour = found.get();
    switch (flavour.kind()) {
      case NONE ->
          results
              .fail("no mesh in " + cluster.context())
              .cause(
                  "there is neither a control plane's Deployment nor a webhook of a managed one;"
                      + " perhaps this is the wrong context")
              .effect("nothing of a mesh can be checked here")
              .next("kubectl --context " + cluster.context() + " get deployments -A -l app=istiod");
      case ASM_MANAGED ->
          results
              .pass("Anthos Service Mesh, run by Google" + revisions(flavour))
              .seen("no istiod here: checks of its Pods and logs are skipped", "Deployments");
      case SELVAGE -> pass("Selvage", flavour, results);
      case ISTIO -> pass("Istio", flavour, results);
      case ASM -> pass("Anthos Service Mesh", flavour, results);
      case LOCAL -> results.pass("Selvage on this machine, trust domain " + flavour.trustDomain());
    }
  }

  private static void pass(String whose, Flavour flavour, Results results) {
    results
        .pass(
            "%s %s in %s%s, trust domain %s"
                .formatted(
                    whose,
                    flavour.version().isEmpty() ? "of unknown version" : flavour.version(),
                    flavour.namespace(),
                    revisions(flavour),
                    flavour.trustDomain().isEmpty()
                        ? "not known: its settings could not be seen"
                        : flavour.trustDomain()))
        .seen(flavour.revisions().toString(), "Deployments of " + flavour.namespace());
  }

  private static String revisions(Flavour flavour) {
    return flavour.revisions().size() < 2
        ? ""
        : ", revisions "
            + flavour.revisions().stream()
                .map(Flavour.Revision::name)
                .collect(Collectors.joining(", "));
  }
}
