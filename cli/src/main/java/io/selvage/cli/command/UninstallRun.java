package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.terminal.Style;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.install.Change;
import io.selvage.control.kubernetes.install.Removal;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** Takes Selvage out of one cluster; apart from the command, whose class is loaded for its help. */
final class UninstallRun {
  private final CommandSpec spec;
  private final ClusterChoice clusters;
  private final ConsentChoice consent;
  private final boolean purge;

  UninstallRun(CommandSpec spec, ClusterChoice clusters, ConsentChoice consent, boolean purge) {
    this.spec = spec;
    this.clusters = clusters;
    this.consent = consent;
    this.purge = purge;
  }

  /** Returns the exit status. */
  int from(Optional<String> context) {
    try (var client = ClusterConnection.open(clusters.kubeconfig(), context)) {
      var removal = new Removal(client, clusters.namespace());
      SelvageCommand.print(spec, style().strong(context.orElse("the current context")));
      Optional<String> elsewhere = removal.elsewhere();
      if (elsewhere.isPresent()) {
        say(
            style()
                .bad(
                    "SLV7268 the cluster's Selvage is in namespace %s: --namespace %s"
                        .formatted(elsewhere.get(), elsewhere.get())));
        return ExitCode.FINDINGS;
      }
      List<Change> plan = removal.plan(purge);
      PlanPage.lines(plan, style(), SelvageCommand.page()).forEach(this::say);
      restarts(context, removal.sidecars()).forEach(this::say);
      if (!removal.kubeconfigs().isEmpty()) {
        neighbours().forEach(this::say);
      }
      if (plan.stream().noneMatch(Change.Delete.class::isInstance)) {
        say("There is no Selvage to take out.");
        return ExitCode.OK;
      }
      if (consent.isDry()) {
        return ExitCode.OK;
      }
      if (!consent.agreed(spec, "Go ahead?")) {
        say("Nothing was changed.");
        return ExitCode.INTERRUPTED;
      }
      return delete(removal, plan);
    } catch (IOException e) {
      return failed(ExitCode.USAGE, context, String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      return failed(ExitCode.NO_ACCESS, context, ClusterRun.words(e));
    }
  }

  private int delete(Removal removal, List<Change> plan) {
    int worst = ExitCode.OK;
    for (Change change : plan) {
      try {
        removal.apply(change);
      } catch (KubernetesClientException e) {
        worst = ExitCode.FINDINGS;
        say(style().bad("SLV7254 %s: %s".formatted(change.object(), ClusterRun.words(e))));
      }
    }
    if (worst == ExitCode.OK) {
      say(style().good("Selvage is gone"));
    }
    return worst;
  }

  /** The commands that free Pods from their sidecars. */
  private List<String> restarts(Optional<String> context, Map<String, Integer> sidecars) {
    String kubectl = clusters.kubectl(context);
    return sidecars.entrySet().stream()
        .flatMap(
            each ->
                List.of(
                    "  sidecars   %d in namespace %s; these take them away:"
                        .formatted(each.getValue(), each.getKey()),
                    "    "
                        + style()
                            .command(
                                "%s label namespace %s selvage.io/injection- istio.io/rev-"
                                    .formatted(kubectl, each.getKey())),
                    "    "
                        + style()
                            .command(
                                "%s -n %s rollout restart deployment,statefulset,daemonset"
                                    .formatted(kubectl, each.getKey())))
                    .stream())
        .toList();
  }

  /** The others cannot read this one any more, and keep what they read last. */
  private List<String> neighbours() {
    return List.of(
        "  neighbours the other clusters go on with this one's endpoints until, in each of them:",
        "    "
            + style()
                .command(
                    "kubectl -n %s delete secret istio-remote-secret-CLUSTER"
                        .formatted(clusters.namespace())));
  }

  private int failed(int code, Optional<String> context, String why) {
    String where = context.map(name -> name + ": ").orElse("");
    say(style().bad(where + ClusterRun.UNREACHABLE + " " + why));
    return code;
  }

  private Style style() {
    return SelvageCommand.style(spec);
  }

  private void say(String line) {
    SelvageCommand.print(spec, line);
  }
}
