package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.prove.LintFinding.Kind;
import io.selvage.prove.ReachReport.Reach;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The question what is odd about a mesh's policies. */
final class Lint {
  private final Question question;
  private final MeshSide side;

  private record Part(
      List<Place> group,
      List<RuleState> rules,
      Optional<List<Row>> plaintext,
      List<Inconclusive> inconclusive) {}

  Lint(Question question, Mesh mesh) {
    this.question = question;
    this.side = new MeshSide(mesh, question.options().promoteDryRun(), question.shapes());
  }

  LintReport report() {
    OneSide places = OneSide.of(side, WorkloadSelection.ALL);
    FindingsByRule byRule = new FindingsByRule(side);
    List<Reach> plaintext = new ArrayList<>();
    List<Inconclusive> inconclusive = new ArrayList<>();
    Groups.each(
        question,
        places.groups().values(),
        this::analysed,
        (group, reason) ->
            new Part(group, List.of(), Optional.empty(), OneSide.inconclusive(group, reason)),
        part -> {
          inconclusive.addAll(part.inconclusive());
          if (!part.inconclusive().isEmpty()) {
            part.group().forEach(place -> byRule.unknown(side.policies(place.workload()), place));
          }
          for (Place place : part.group()) {
            part.rules().forEach(state -> byRule.add(state, place));
          }
          part.plaintext().ifPresent(rows -> plaintext.addAll(plaintext(part.group(), rows)));
        });
    List<LintFinding> findings = new ArrayList<>(byRule.findings(question));
    findings.addAll(dead());
    findings.sort(
        Comparator.comparing((LintFinding finding) -> finding.kind())
            .thenComparing(LintFinding::cluster)
            .thenComparing(LintFinding::policy)
            .thenComparing(finding -> finding.rule().orElse(-1)));
    plaintext.sort(Comparator.comparing(Reach::place, Orders.PLACES));
    return new LintReport(
        findings,
        plaintext,
        inconclusive,
        Assumptions.of(question, side.mesh()),
        places.effort(question.largestNodes()));
  }

  private List<Reach> plaintext(List<Place> group, List<Row> rows) {
    int most = Math.min(RuleStates.PLAINTEXT_ROWS, question.options().rows());
    List<Row> shown = List.copyOf(rows.subList(0, Math.min(most, rows.size())));
    return group.stream()
        .map(place -> new Reach(place, shown, rows.size() > most, Optional.empty()))
        .toList();
  }

  private Part analysed(List<Place> group) {
    RuleStates states = new RuleStates(question, side, group.getFirst());
    List<RuleState> rules = states.all();
    return new Part(group, rules, states.plaintext(), List.of());
  }

  private List<ProvedWorkload> workloadsOf(String cluster) {
    return side.mesh().workloads().stream()
        .filter(workload -> workload.cluster().equals(cluster))
        .toList();
  }

  private List<LintFinding> dead() {
    List<LintFinding> dead = new ArrayList<>();
    for (Map.Entry<String, MeshSnapshot> cluster : side.mesh().clusters().entrySet()) {
      Set<AuthorizationPolicy> alive = new HashSet<>();
      for (ProvedWorkload workload : side.mesh().workloads()) {
        if (workload.cluster().equals(cluster.getKey())) {
          TargetedPolicies bound = TargetedPolicies.of(cluster.getValue(), workload);
          alive.addAll(bound.policies());
          alive.addAll(bound.ofServices());
        }
      }
      for (AuthorizationPolicy policy : cluster.getValue().all(AuthorizationPolicy.class)) {
        if (!alive.contains(policy)) {
          dead.add(
              new LintFinding(
                  Kind.DEAD,
                  cluster.getKey(),
                  policy.meta().qualifiedName(),
                  policy.action().name(),
                  Optional.empty(),
                  policy.meta().at(),
                  List.of(),
                  policy.targetRefs().isEmpty()
                      ? "the policy selects no workload"
                      : TargetedPolicies.bindsNothing(policy, workloadsOf(cluster.getKey())),
                  List.of(),
                  Optional.empty()));
        }
      }
    }
    return dead;
  }
}
