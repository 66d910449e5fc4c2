package io.selvage.control.kubernetes.migrate;

import io.selvage.control.kubernetes.migrate.Survey.ControlPod;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Roots;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import io.selvage.pki.Fingerprint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whom a step would cut off. A sidecar learns roots, its CA and its name when it starts and when
 * its certificate is renewed, so a Pod counts as knowing what its control plane knew when it was
 * made.
 */
final class Guards {
  private final Survey survey;

  Guards(Survey survey) {
    this.survey = survey;
  }

  /** Refuses unless every workload and both control planes trust the root of that fingerprint. */
  void held(String root) throws MigrationRefused {
    refuse("do not hold root " + root.substring(0, 12) + " yet", lackingRoot(root));
  }

  /** Refuses while a certificate of the root may be in use that is to be trusted no more. */
  void nobodyIsOn(String old, String signs) throws MigrationRefused {
    refuse("may still use certificates of root " + old.substring(0, 12), onRoot(signs));
  }

  /** Refuses while a name of the former trust domain may be in use. */
  void nobodyIsNamed(String old, String now) throws MigrationRefused {
    List<String> lacking = new ArrayList<>();
    survey
        .replicas()
        .forEach(
            (replica, says) -> {
              if (!says.names().getFirst().equals(now)) {
                lacking.add("Selvage's replica " + replica);
              }
            });
    Instant since = survey.mesh().since().orElse(Instant.MAX);
    lacking.addAll(oldIstiods(since));
    lacking.addAll(pods(survey.before(sinceByPlane(since))));
    refuse("may still have names of the trust domain " + old, lacking);
  }

  /** Refuses until both control planes have proxies accept names of that trust domain. */
  void accepted(String domain) throws MigrationRefused {
    List<String> lacking = oldIstiods(survey.mesh().since().orElse(Instant.MAX));
    survey
        .replicas()
        .forEach(
            (replica, says) -> {
              if (!says.names().contains(domain)) {
                lacking.add("Selvage's replica " + replica);
              }
            });
    unheard(lacking);
    refuse("do not accept names of %s yet".formatted(domain), lacking);
  }

  /** Everybody who does not trust that root, in words. */
  List<String> lackingRoot(String root) {
    List<String> lacking = new ArrayList<>();
    survey
        .replicas()
        .forEach(
            (replica, says) -> {
              if (!says.trusts().contains(root)) {
                lacking.add("Selvage's replica " + replica);
              }
            });
    unheard(lacking);
    // An istiod that runs writes what it trusts: where the root is, istiod has it.
    Map<String, Instant> since = new HashMap<>();
    survey
        .roots()
        .forEach(
            (namespace, roots) -> {
              if (holds(roots, root)) {
                roots.since().ifPresent(at -> since.put(namespace, at));
              }
            });
    for (String namespace : namespaces()) {
      if (!since.containsKey(namespace)) {
        lacking.add("istio-ca-root-cert of namespace " + namespace);
      }
    }
    lacking.addAll(pods(survey.before(since)));
    return lacking;
  }

  /** Everybody who may still present a certificate of another root than the one that signs. */
  List<String> onRoot(String signs) {
    List<String> on = new ArrayList<>();
    survey
        .replicas()
        .forEach(
            (replica, says) -> {
              if (!says.signs().equals(signs)) {
                on.add("Selvage's replica " + replica);
              }
            });
    unheard(on);
    Instant since = survey.ca().flatMap(Survey.Ca::since).orElse(Instant.MAX);
    on.addAll(oldIstiods(since));
    on.addAll(pods(survey.before(sinceByPlane(since))));
    return on;
  }

  private void unheard(List<String> lacking) {
    boolean ours = survey.workloads().stream().anyMatch(pod -> pod.plane() == Plane.SELVAGE);
    if (ours && survey.replicas().isEmpty()) {
      lacking.add("Selvage's control plane, of which no replica says anything (selvage-trust)");
    }
  }

  /** Since when Pods of a namespace get what was written then: istiod has to be restarted first. */
  private Map<String, Instant> sinceByPlane(Instant written) {
    Instant istiod =
        survey.istiods().stream().map(ControlPod::created).max(Instant::compareTo).orElse(written);
    Map<String, Instant> since = new HashMap<>();
    for (String namespace : namespaces()) {
      boolean hasIstios = survey.count(namespace, Plane.ISTIO) > 0;
      since.put(namespace, hasIstios && istiod.isAfter(written) ? istiod : written);
    }
    return since;
  }

  private Set<String> namespaces() {
    return survey.workloads().stream()
        .map(Workload::namespace)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean holds(Roots roots, String root) {
    return roots.bundle().roots().stream().map(Fingerprint::sha256Hex).anyMatch(root::equals);
  }

  private List<String> oldIstiods(Instant since) {
    return survey.istiods().stream()
        .filter(pod -> !pod.created().isAfter(since))
        .map(pod -> "istiod's Pod " + pod.name() + " (restart it: it reads this at its start)")
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static List<String> pods(List<Workload> all) {
    return all.stream().map(pod -> "Pod " + pod).toList();
  }

  private void refuse(String what, List<String> who) throws MigrationRefused {
    if (who.isEmpty()) {
      return;
    }
    String some = String.join(", ", who.subList(0, Math.min(10, who.size())));
    throw new MigrationRefused(
        MigrationRefused.CUTS_OFF,
        "%d %s and would be cut off: %s%s. Restart them, or wait a day, in which all certificates are renewed"
            .formatted(who.size(), what, some, who.size() > 10 ? ", …" : ""));
  }
}
