package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Objects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Pods of a mesh's control planes. */
final class ControlPlanePods {
  private ControlPlanePods() {}

  /**
   * One replica.
   *
   * @param revision of which control plane
   */
  record Replica(Flavour.Revision revision, ApiObject pod) {}

  /** All replicas of all revisions, those too that do not run. */
  static List<Replica> of(Flavour flavour, Objects objects) {
    List<Replica> all = new ArrayList<>();
    for (Flavour.Revision revision : flavour.revisions()) {
      objects
          .find(Kind.DEPLOYMENT, flavour.namespace(), revision.deployment())
          .map(deployment -> Selecting.labels(deployment.at("/spec/selector/matchLabels")))
          .filter(selector -> !selector.isEmpty())
          .ifPresent(
              selector ->
                  pods(flavour, objects, selector)
                      .forEach(pod -> all.add(new Replica(revision, pod))));
    }
    return all;
  }

  private static List<ApiObject> pods(
      Flavour flavour, Objects objects, Map<String, String> selector) {
    return objects.all(Kind.POD).stream()
        .filter(pod -> pod.namespace().equals(flavour.namespace()))
        .filter(pod -> Selecting.matches(selector, pod.labels()))
        .toList();
  }
}
