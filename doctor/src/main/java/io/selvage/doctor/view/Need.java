package io.selvage.doctor.view;

import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Evidence that a check cannot do without: either it is there, or UNKNOWN is said. */
public final class Need {
  private Need() {}

  /**
   * What was seen; otherwise empty, and {@code results} know why.
   *
   * @param what in words, such as {@code the proxies' configuration}
   */
  public static <T> Optional<T> of(Look<T> look, String what, Results results) {
    return switch (look) {
      case Look.Seen<T>(T value) -> Optional.of(value);
      case Look.Unseen<T>(String why, Optional<String> missing) -> {
        var said = results.unknown("%s could not be seen: %s".formatted(what, why));
        missing.ifPresent(
            right ->
                said.seen("missing right: " + right, "kubectl auth can-i " + right)
                    .next("grant it, or ask somebody who has it: kubectl auth can-i " + right));
        yield Optional.empty();
      }
    };
  }

  /** All objects of a kind; otherwise empty, and {@code results} know why. */
  public static Optional<List<ApiObject>> all(ClusterEvidence cluster, Kind kind, Results results) {
    return of(cluster.objects().look(kind), kind.plural(), results);
  }

  /** Whether all of these kinds were seen; if not, {@code results} know why. */
  public static boolean kinds(ClusterEvidence cluster, Results results, Kind... kinds) {
    boolean seen = true;
    for (Kind kind : kinds) {
      seen &= of(cluster.objects().look(kind), kind.plural(), results).isPresent();
    }
    return seen;
  }

  /**
   * Whether the mesh's settings were seen; if not, {@code results} know why. Istio's defaults are
   * no answer then: the root namespace, trust domains and normalisation may be others.
   */
  public static boolean settings(ClusterEvidence cluster, Results results) {
    return of(
                cluster.objects().look(Kind.CONFIG_MAP),
                "the mesh's settings (root namespace, trust domains, normalisation of paths)",
                results)
            .isPresent()
        && understood(MeshView.of(cluster), results, Kind.CONFIG_MAP);
  }

  /**
   * Whether every object of these kinds could be read; if not, {@code results} say UNKNOWN and name
   * those that could not. They are none of the mesh's snapshot: what is found without them holds
   * only where they have no say ({@link MeshView#isObscure}).
   */
  public static boolean understood(MeshView mesh, Results results, Kind... kinds) {
    List<MeshView.Refused> refused = mesh.refused(kinds);
    if (!refused.isEmpty()) {
      var said =
          results.unknown(
              "what these say is not understood, so what holds where they count is not known: "
                  + Words.some(refused.stream().map(one -> one.object().toString()).toList()));
      refused.forEach(one -> said.about(one.object()).seen(one.why(), "GET " + one.object()));
      said.next("mend them where they are wrong: the control plane may not take them either");
    }
    return refused.isEmpty();
  }

  /**
   * The probes of some purposes that were sent. SKIP is said when there are none, UNKNOWN when they
   * are unseen, and of each that could not be sent, with why.
   */
  public static List<ProbeOutcome> probes(
      ClusterEvidence cluster, Results results, ProbeOutcome.Purpose... purposes) {
    if (ProbeOutcome.areNotWanted(cluster.probes())) {
      results.unknown("only requests of the doctor's own can tell: --probe").forWantOfProbes();
      return List.of();
    }
    Optional<List<ProbeOutcome>> all = of(cluster.probes(), "probes", results);
    if (all.isEmpty()) {
      return List.of();
    }
    Set<ProbeOutcome.Purpose> wanted = Set.of(purposes);
    List<ProbeOutcome> found =
        all.get().stream().filter(one -> wanted.contains(one.purpose())).toList();
    if (found.isEmpty()) {
      results.skip(
          "no probe of this kind was sent: there is nothing here that it could be sent to");
    }
    found.stream()
        .filter(one -> !one.isSent())
        .forEach(
            one ->
                results.unknown(
                    "%s to %s could not be sent: %s"
                        .formatted(
                            one.request(),
                            Probed.where(one),
                            one.details().getOrDefault("error", "nobody knows why"))));
    return found.stream().filter(ProbeOutcome::isSent).toList();
  }
}
