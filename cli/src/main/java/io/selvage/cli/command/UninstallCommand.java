package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.terminal.Style;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.install.Change;
import io.selvage.control.kubernetes.install.Removal;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage uninstall}. */
@Command(
    name = "uninstall",
    description = {
      "Take Selvage out of Kubernetes clusters.",
      "%nThe CA's key, the mesh's configuration, Istio's kinds with all policies in them and the"
          + " namespace stay, unless --purge. Sidecars go on with what they have until their"
          + " certificates end; they go when their Pods are restarted, by the commands that are"
          + " shown."
    },
    footer = {
      "%nExit status: 0 it is gone; 1 something could not be deleted; 2 the command line or the"
          + " kubeconfig is wrong; 4 a cluster cannot be reached, or you may not; 130 you said no."
    })
final class UninstallCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private ConsentChoice consent;

  @Option(
      names = "--purge",
      description =
          "Delete also what cannot be had back: the CA's key, the configuration, all policies. Without"
              + " a terminal it needs --yes.")
  private boolean purge;

  @Override
  public Integer call() {
    LogRouting.toStandardError(Level.ERROR);
    if (purge && consent.nobodyCanBeAsked() && !consent.saidYes() && !consent.isDry()) {
      throw new UserError(ExitCode.USAGE, "--purge deletes for good: say --yes, too");
    }
    int worst = ExitCode.OK;
    for (Optional<String> context : clusters.contexts()) {
      worst = Math.max(worst, from(context));
    }
    return worst;
  }

  private int from(Optional<String> context) {
    try (var client = ClusterConnection.open(clusters.kubeconfig(), context)) {
      var removal = new Removal(client, clusters.namespace());
      SelvageCommand.print(spec, style().strong(context.orElse("the current context")));
      List<Change> plan = removal.plan(purge);
      PlanPage.lines(plan, style(), SelvageCommand.page()).forEach(this::say);
      restarts(context, removal.sidecars()).forEach(this::say);
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
                                "%s label namespace %s selvage.io/injection-"
                                    .formatted(kubectl, each.getKey())),
                    "    "
                        + style()
                            .command(
                                "%s -n %s rollout restart deployment,statefulset,daemonset"
                                    .formatted(kubectl, each.getKey())))
                    .stream())
        .toList();
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
