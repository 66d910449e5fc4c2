package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.AssertionCheck;
import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.prove.CheckedAssertion.Status;
import io.selvage.cli.prove.report.Finding;
import io.selvage.cli.prove.report.Findings;
import io.selvage.control.kubernetes.webhook.ChangeReview.Opinion;
import io.selvage.control.kubernetes.webhook.DemandsMap;
import io.selvage.model.PolicyAssertions;
import io.selvage.model.PolicyAssertionsReader;
import io.selvage.model.Problem;
import io.selvage.prove.Mesh;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a cluster's users demand of its policies in the ConfigMap {@code selvage-assertions}.
 *
 * @param written what is understood
 * @param faults of what isn't, a line each with its code
 */
record ClusterDemands(List<PolicyAssertions> written, List<String> faults) {
  private static final int SHOWN = 3;

  ClusterDemands {
    written = List.copyOf(written);
    faults = List.copyOf(faults);
  }

  /** Of the ConfigMap's texts, by their names. */
  static ClusterDemands read(Map<String, String> texts) {
    List<PolicyAssertions> written = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    texts.forEach(
        (name, text) -> {
          var read = PolicyAssertionsReader.read(DemandsMap.NAME + "/" + name, text);
          read.problems().forEach(problem -> faults.add(words(problem)));
          if (read.read().isEmpty() && read.problems().isEmpty()) {
            faults.add(
                "SLV9413 %s/%s: there is no document of kind %s"
                    .formatted(DemandsMap.NAME, name, PolicyAssertions.KIND));
          }
          for (PolicyAssertions document : read.read()) {
            written.add(withoutFolders(document, faults));
          }
        });
    return new ClusterDemands(written, faults);
  }

  /**
   * Those of a cluster.
   *
   * @param context its name, for what is told
   * @param namespace the control plane's
   * @throws UserError when the cluster doesn't tell them, or one isn't understood
   */
  static List<PolicyAssertions> of(KubernetesClient client, String context, String namespace) {
    ClusterDemands demands;
    try {
      demands = read(DemandsMap.read(client, namespace));
    } catch (KubernetesClientException e) {
      throw new UserError(
          ExitCode.USAGE,
          "cluster %s doesn't tell what is demanded of it: %s".formatted(context, e.getMessage()));
    }
    if (!demands.faults().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "cluster %s: %s".formatted(context, String.join("\n  ", demands.faults())));
    }
    return demands.written();
  }

  private static String words(Problem problem) {
    return problem.code() + " " + problem.render();
  }

  /** A cluster has no folders that could be compared. */
  private static PolicyAssertions withoutFolders(PolicyAssertions document, List<String> faults) {
    List<PolicyAssertions.Assertion> kept = new ArrayList<>();
    for (PolicyAssertions.Assertion assertion : document.assertions()) {
      if (assertion.claim() instanceof PolicyAssertions.Equivalent) {
        faults.add(
            "SLV9413 %s: assertion %s: a cluster has no folders that could be equivalent"
                .formatted(assertion.at(), assertion.id()));
      } else {
        kept.add(assertion);
      }
    }
    return new PolicyAssertions(kept, document.assume(), document.at());
  }

  /** What is to be said of these demands themselves, before they are stored. */
  Opinion judged(Mesh now) {
    if (!faults.isEmpty()) {
      return new Opinion(List.of(), Optional.of(String.join("; ", faults)));
    }
    return new Opinion(
        Findings.of(check(now)).stream()
            .map(finding -> finding.code() + " now already: " + finding.text())
            .toList(),
        Optional.empty());
  }

  /**
   * Those that hold on the base and don't on the head.
   *
   * @param warnings gets what isn't known
   */
  Optional<String> broken(Mesh base, Mesh head, List<String> warnings) {
    warnings.addAll(faults);
    if (written.isEmpty()) {
      return Optional.empty();
    }
    List<CheckedAssertion> after = check(head);
    if (Findings.of(after).isEmpty()) {
      return Optional.empty();
    }
    Set<PolicyAssertions.Assertion> heldBefore =
        check(base).stream()
            .filter(one -> one.status() == Status.HOLDS)
            .map(CheckedAssertion::assertion)
            .collect(Collectors.toSet());
    List<CheckedAssertion> changed =
        after.stream().filter(one -> heldBefore.contains(one.assertion())).toList();
    changed.stream()
        .filter(one -> one.status() == Status.INCONCLUSIVE)
        .flatMap(one -> Findings.of(List.of(one)).stream())
        .forEach(finding -> warnings.add(finding.code() + " " + finding.text()));
    List<Finding> broken =
        Findings.of(changed.stream().filter(one -> one.status() == Status.BROKEN).toList());
    return broken.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "SLV9415 "
                + broken.stream().map(Finding::text).limit(SHOWN).collect(Collectors.joining("; "))
                + (broken.size() > SHOWN ? "; and %d more".formatted(broken.size() - SHOWN) : ""));
  }

  private List<CheckedAssertion> check(Mesh mesh) {
    return new AssertionCheck(
            mesh,
            assumed -> ProveChoice.assuming(ProvedChanges.OPTIONS, assumed),
            side -> {
              throw new UserError(ExitCode.USAGE, "no folders can be compared here: " + side);
            },
            LocalDate.now(ZoneOffset.UTC))
        .check(written);
  }
}
