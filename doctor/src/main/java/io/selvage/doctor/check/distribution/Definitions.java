package io.selvage.doctor.check.distribution;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The definitions of Istio's kinds: there, in a version that control planes read. */
public final class Definitions {
  /** All there, and served as v1. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV7004",
              "the definitions of Istio's kinds fit the control plane",
              Status.FAIL,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of("R7"),
              Optional.empty()),
          Definitions::ask);

  /** What Selvage's control plane leaves alone, and so does not define. */
  private static final Set<Kind> NOT_OURS = Set.of(Kind.VIRTUAL_SERVICE);

  private Definitions() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    boolean here =
        cluster
            .flavour()
            .found()
            .map(
                flavour ->
                    flavour.kind() != Flavour.Kind.LOCAL && flavour.kind() != Flavour.Kind.NONE)
            .orElse(true);
    if (!here) {
      results.skip("there is no Kubernetes API with Istio's kinds here");
      return;
    }
    Optional<List<ApiObject>> definitions =
        Need.all(cluster, Kind.CUSTOM_RESOURCE_DEFINITION, results);
    if (definitions.isEmpty()) {
      return;
    }
    // whose it is may be unseen: what only istiod needs is then not missed
    boolean selvage =
        cluster.flavour().found().map(f -> f.kind() == Flavour.Kind.SELVAGE).orElse(true);
    List<String> missing = new ArrayList<>();
    int fit = 0;
    for (Kind kind : Kind.values()) {
      if (!kind.group().endsWith(".istio.io") || (selvage && NOT_OURS.contains(kind))) {
        continue;
      }
      String name = kind.plural() + "." + kind.group();
      Optional<ApiObject> definition =
          definitions.get().stream().filter(one -> one.name().equals(name)).findFirst();
      if (definition.isEmpty()) {
        missing.add(name);
      } else if (fits(definition.get(), kind, results)) {
        fit++;
      }
    }
    if (!missing.isEmpty()) {
      results
          .fail("not defined: " + Words.some(missing))
          .seen(Words.count(fit, "definition") + " of Istio's", "GET customresourcedefinitions")
          .cause("the installation was not finished, or somebody removed them with all objects")
          .effect(
              "such objects cannot be written, and a control plane may wait for them and serve"
                  + " nothing")
          .next(
              "apply the definitions of the release: istioctl manifest generate | kubectl apply -f"
                  + " -, or selvage install");
    } else if (results.isFine()) {
      results.pass("%s fit".formatted(Words.count(fit, "definition")));
    }
  }

  private static boolean fits(ApiObject definition, Kind kind, Results results) {
    List<String> served =
        definition
            .at("/spec/versions")
            .valueStream()
            .filter(version -> version.path("served").asBoolean(false))
            .map(version -> version.path("name").asString(""))
            .toList();
    Stream<String> stored =
        definition.at("/status/storedVersions").valueStream().map(one -> one.asString(""));
    Optional<String> unserved = stored.filter(one -> !served.contains(one)).findFirst();
    if (served.contains(kind.version()) && unserved.isEmpty()) {
      return true;
    }
    var said =
        unserved
            .map(
                version ->
                    results
                        .fail(
                            "%s has objects stored as %s, which is not served any more"
                                .formatted(definition.name(), version))
                        .effect("they cannot be read: the API server answers with errors"))
            .orElseGet(
                () ->
                    results
                        .fail(
                            "%s is served as %s only; control planes read %s"
                                .formatted(definition.name(), served, kind.version()))
                        .effect("the control plane does not see these objects"));
    said.about(definition.ref())
        .seen("served %s".formatted(served), "GET " + definition.ref())
        .cause("definitions are those of another release than the control plane's")
        .next("apply the definitions of the control plane's release");
    return false;
  }
}
