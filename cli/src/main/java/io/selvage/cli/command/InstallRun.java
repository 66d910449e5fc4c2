package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.install.Change;
import io.selvage.control.kubernetes.install.Check;
import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.JoinedClusters;
import io.selvage.control.kubernetes.install.Manifest;
import io.selvage.control.kubernetes.install.ObjectKind;
import io.selvage.control.kubernetes.install.Surroundings;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Brings Selvage into clusters, one step for all of them after the other: looked at, planned,
 * agreed, applied, waited for, checked. A cluster that fails in one step is left out of the next,
 * and the others go on.
 */
final class InstallRun implements AutoCloseable {

  /** What was asked for. */
  record Wishes(
      ClusterChoice clusters,
      SettingChoice settings,
      ConsentChoice consent,
      RunChoice run,
      boolean upgrade,
      boolean downgrade) {
    boolean severalClusters() {
      return clusters.contexts().size() > 1;
    }
  }

  /** What has to be there before a CA is made. */
  private static final Set<ObjectKind> GROUND =
      EnumSet.of(
          ObjectKind.NAMESPACE,
          ObjectKind.CUSTOM_RESOURCE_DEFINITION,
          ObjectKind.SERVICE_ACCOUNT,
          ObjectKind.CLUSTER_ROLE,
          ObjectKind.CLUSTER_ROLE_BINDING,
          ObjectKind.ROLE,
          ObjectKind.ROLE_BINDING,
          ObjectKind.CONFIG_MAP);

  private static final String NO_NETWORK =
      "--gateway is for clusters on networks of their own: name each with --network CONTEXT=NAME";

  private final CommandSpec spec;
  private final Wishes wishes;
  private final InstallReport report;
  private final MeshJoin join;
  private final List<ClusterRun> clusters = new ArrayList<>();

  InstallRun(CommandSpec spec, Wishes wishes) {
    this.spec = spec;
    this.wishes = wishes;
    this.report = new InstallReport(spec);
    this.join =
        new MeshJoin(
            new JoinedClusters(
                wishes.clusters().namespace(), InstantSource.system(), new SecureRandom()),
            report);
  }

  /** The exit status. */
  int run() throws InterruptedException {
    List<ClusterRun> going = kept(open(), this::looked);
    going = kept(going, this::planned);
    if (going.isEmpty() || wishes.consent().isDry()) {
      return report.exitCode();
    }
    if (going.stream().allMatch(ClusterRun::hasNothingToDo)) {
      report.say("Nothing to change.");
    } else if (!wishes.consent().agreed(spec, question(going))) {
      report.say("Nothing was changed.");
      return ExitCode.INTERRUPTED;
    }
    going = kept(going, cluster -> applied(cluster, true));
    if (going.size() > 1) {
      going = join.trusting(going);
    }
    going = kept(going, cluster -> applied(cluster, false));
    if (going.size() > 1) {
      join.introduced(going);
    }
    if (wishes.run().waits()) {
      going = kept(going, this::ready);
      going = kept(going, this::checked);
      if (going.size() > 1) {
        join.checked(going);
      }
      going.forEach(this::next);
    }
    return report.exitCode();
  }

  /** A step for one cluster. */
  private interface Step {
    /** Whether the cluster goes on to the next one; if not, why was said. */
    boolean done(ClusterRun cluster) throws InterruptedException;
  }

  private List<ClusterRun> kept(List<ClusterRun> among, Step step) throws InterruptedException {
    List<ClusterRun> going = new ArrayList<>();
    for (ClusterRun cluster : among) {
      try {
        if (step.done(cluster)) {
          going.add(cluster);
        }
      } catch (KubernetesClientException e) {
        report.failed(
            cluster.context(), ExitCode.NO_ACCESS, ClusterRun.UNREACHABLE, ClusterRun.words(e));
      }
    }
    return going;
  }

  private List<ClusterRun> open() {
    for (Optional<String> context : wishes.clusters().contexts()) {
      try {
        clusters.add(
            new ClusterRun(
                context,
                ClusterConnection.open(wishes.clusters().kubeconfig(), context),
                wishes.run().apiServer(context),
                wishes.clusters().namespace()));
      } catch (IOException e) {
        report.failed(
            context, ExitCode.USAGE, ClusterRun.UNREACHABLE, String.valueOf(e.getMessage()));
      }
    }
    return clusters;
  }

  private boolean looked(ClusterRun cluster) {
    Surroundings found = cluster.look();
    report.say(report.style().strong(cluster.title()));
    Preflight.found(found).forEach(line -> report.say("  found      " + line));
    String namespace = wishes.clusters().namespace();
    return goesOn(cluster, "SLV7257", Preflight.tooOld(found))
        && goesOn(cluster, "SLV7268", Preflight.elsewhere(found))
        && goesOn(
            cluster,
            "SLV7269",
            Preflight.settingsOfRevision(
                found, namespace, wishes.clusters().kubectl(cluster.context())))
        && goesOn(
            cluster,
            "SLV7255",
            Preflight.wrongVersion(
                found, InstalledVersion.own(), wishes.upgrade(), wishes.downgrade()));
  }

  private boolean goesOn(ClusterRun cluster, String stable, Optional<String> why) {
    why.ifPresent(text -> report.failed(cluster.context(), ExitCode.FINDINGS, stable, text));
    return why.isEmpty();
  }

  private boolean planned(ClusterRun cluster) {
    Manifest manifest =
        Manifest.of(
            wishes.clusters().namespace(),
            InstalledVersion.own(),
            settings(cluster),
            cluster.found().istioLabelsAreFree());
    if (wishes.run().withGateway() && manifest.settings().network().isEmpty()) {
      throw new UserError(ExitCode.USAGE, cluster.prefix() + NO_NETWORK);
    }
    if (wishes.run().withGateway() || cluster.installer().hasGateway(manifest)) {
      manifest = manifest.withGateway();
    }
    if (wishes.severalClusters()) {
      report.say(report.style().strong(cluster.title()));
    }
    MissingPermissions missing = cluster.installer().missing(manifest);
    if (!missing.isEmpty()) {
      missing.permissions().forEach(each -> report.say("  refused    you may not " + each));
      report.failed(
          cluster.context(),
          ExitCode.NO_ACCESS,
          "SLV7251",
          missing.user() + " may not install; somebody with these rights can");
      return false;
    }
    Preflight.otherTrustDomain(cluster.found(), wishes.settings().given(cluster.context()))
        .ifPresent(text -> report.note(cluster.prefix() + text));
    Preflight.otherRoot(cluster.found(), wishes.clusters().namespace())
        .ifPresent(text -> report.note(cluster.prefix() + text));
    List<Change> plan = cluster.plan(manifest);
    PlanPage.lines(plan, report.style(), report.page()).forEach(report::say);
    return goesOn(cluster, "SLV7254", refused(plan)) && goesOn(cluster, "SLV7253", conflict(plan));
  }

  private InstallSettings settings(ClusterRun cluster) {
    Map<String, String> given = wishes.settings().given(cluster.context());
    return wishes.severalClusters()
        ? WantedSettings.ofOneOfSeveral(cluster.found(), given, cluster.context().orElseThrow())
        : WantedSettings.of(cluster.found(), given);
  }

  private static Optional<String> refused(List<Change> plan) {
    return plan.stream().anyMatch(Change.Refused.class::isInstance)
        ? Optional.of("the API server refuses what is shown")
        : Optional.empty();
  }

  private Optional<String> conflict(List<Change> plan) {
    return plan.stream().anyMatch(Change.Conflict.class::isInstance) && !wishes.run().takesOver()
        ? Optional.of(
            "others have set fields to something else; --force-conflicts sets them as shown")
        : Optional.empty();
  }

  private static String question(List<ClusterRun> going) {
    return going.size() == 1 ? "Go ahead?" : "Go ahead in %d clusters?".formatted(going.size());
  }

  /**
   * Applies the plan's one half or the other.
   *
   * @param ground what has to be there before a CA is made, and the control plane after it
   */
  private boolean applied(ClusterRun cluster, boolean ground) {
    for (Change change : cluster.plan()) {
      if (GROUND.contains(change.object().kind()) != ground) {
        continue;
      }
      try {
        cluster.installer().apply(change);
      } catch (KubernetesClientException e) {
        report.failed(
            cluster.context(),
            ExitCode.FINDINGS,
            "SLV7254",
            "%s: %s".formatted(change.object(), ClusterRun.words(e)));
        return false;
      }
    }
    return true;
  }

  private boolean ready(ClusterRun cluster) throws InterruptedException {
    Optional<String> missing =
        cluster.await(
            wishes.run().limit(), what -> report.progress(cluster.prefix() + "waiting: " + what));
    if (missing.isPresent()) {
      report.failed(
          cluster.context(),
          ExitCode.TIME_OUT,
          "SLV7252",
          "not ready within %d s: %s".formatted(wishes.run().limit().toSeconds(), missing.get()));
    }
    return missing.isEmpty();
  }

  private boolean checked(ClusterRun cluster) throws InterruptedException {
    boolean well = true;
    for (Check check : cluster.check()) {
      well &= report.told(check, cluster.context());
    }
    return well;
  }

  private void next(ClusterRun cluster) {
    report.say(
        "  "
            + report
                .style()
                .command(
                    wishes.clusters().kubectl(cluster.context())
                        + " label namespace NAME selvage.io/injection=enabled"));
  }

  @Override
  public void close() {
    clusters.forEach(ClusterRun::close);
  }
}
