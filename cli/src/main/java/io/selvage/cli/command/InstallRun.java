package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.install.Change;
import io.selvage.control.kubernetes.install.Check;
import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.Manifest;
import io.selvage.control.kubernetes.install.Surroundings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
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
      RunChoice run,
      boolean upgrade,
      boolean downgrade) {}

  private final CommandSpec spec;
  private final Wishes wishes;
  private final Style style;
  private final Page page;
  private final PrintWriter out;
  private final List<ClusterRun> clusters = new ArrayList<>();
  private int worst = ExitCode.OK;

  InstallRun(CommandSpec spec, Wishes wishes) {
    this.spec = spec;
    this.wishes = wishes;
    this.style = SelvageCommand.style(spec);
    this.page = SelvageCommand.page();
    this.out = spec.commandLine().getOut();
  }

  /** The exit status. */
  int run() throws InterruptedException {
    List<ClusterRun> going = kept(open(), this::looked);
    going = kept(going, this::planned);
    if (going.isEmpty() || wishes.run().isDry()) {
      return worst;
    }
    if (going.stream().allMatch(ClusterRun::hasNothingToDo)) {
      say("Nothing to change.");
    } else if (!wishes.run().agreed(spec, question(going))) {
      say("Nothing was changed.");
      return ExitCode.INTERRUPTED;
    }
    going = kept(going, this::applied);
    if (!wishes.run().waits()) {
      return worst;
    }
    going = kept(going, this::ready);
    kept(going, this::checked);
    return worst;
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
        failed(cluster.context(), ExitCode.NO_ACCESS, ClusterRun.UNREACHABLE, ClusterRun.words(e));
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
                wishes.clusters().namespace()));
      } catch (IOException e) {
        failed(context, ExitCode.USAGE, ClusterRun.UNREACHABLE, String.valueOf(e.getMessage()));
      }
    }
    return clusters;
  }

  private boolean looked(ClusterRun cluster) {
    Surroundings found = cluster.look();
    say(style.strong(cluster.title()));
    found(found).forEach(line -> say("  found      " + line));
    return !isTooOld(cluster, found) && !isOtherVersion(cluster, found);
  }

  private static List<String> found(Surroundings found) {
    List<String> lines = new ArrayList<>();
    found.istiods().forEach(istiod -> lines.add("Istio's control plane " + istiod));
    if (!found.istioLabelsAreFree()) {
      lines.add(
          "an injector that acts on Istio's labels: %s; ours leaves those labels to it"
              .formatted(String.join(", ", found.injectors())));
    }
    lines.add(
        found
            .authority()
            .map(name -> "the CA in the Secret %s, which goes on signing".formatted(name))
            .orElse("no CA: one will be made"));
    found
        .installed()
        .ifPresent(there -> lines.add("Selvage " + there.version() + " is installed"));
    return lines;
  }

  private boolean isTooOld(ClusterRun cluster, Surroundings found) {
    if (found.isNewEnough()) {
      return false;
    }
    failed(
        cluster.context(),
        ExitCode.FINDINGS,
        "SLV7257",
        "Kubernetes %s is too old: %s or later is needed"
            .formatted(found.kubernetes(), Surroundings.OLDEST));
    return true;
  }

  private boolean isOtherVersion(ClusterRun cluster, Surroundings found) {
    String own = InstalledVersion.own();
    Optional<String> there = found.installed().map(Surroundings.Installed::version);
    if (wishes.upgrade() && there.isEmpty()) {
      failed(
          cluster.context(),
          ExitCode.FINDINGS,
          "SLV7255",
          "there is no Selvage to upgrade: selvage install makes one");
      return true;
    }
    if (there.isEmpty() || there.get().equals(own)) {
      return false;
    }
    if (!wishes.upgrade()) {
      failed(
          cluster.context(),
          ExitCode.FINDINGS,
          "SLV7255",
          "Selvage %s is installed, and this is %s: selvage upgrade brings it to this version"
              .formatted(there.get(), own));
      return true;
    }
    if (InstalledVersion.isNewer(there.get(), own) && !wishes.downgrade()) {
      failed(
          cluster.context(),
          ExitCode.FINDINGS,
          "SLV7255",
          "Selvage %s is installed, which is newer than this one (%s): --force goes back"
              .formatted(there.get(), own));
      return true;
    }
    return false;
  }

  private boolean planned(ClusterRun cluster) {
    Manifest manifest =
        Manifest.of(
            wishes.clusters().namespace(),
            InstalledVersion.own(),
            settings(cluster),
            cluster.found().istioLabelsAreFree());
    if (wishes.clusters().contexts().size() > 1) {
      say(style.strong(cluster.title()));
    }
    MissingPermissions missing = cluster.installer().missing(manifest);
    if (!missing.isEmpty()) {
      missing.permissions().forEach(each -> say("  refused    you may not " + each));
      failed(
          cluster.context(),
          ExitCode.NO_ACCESS,
          "SLV7251",
          missing.user() + " may not install; somebody with these rights can");
      return false;
    }
    List<Change> plan = cluster.plan(manifest);
    PlanPage.lines(plan, style, page).forEach(this::say);
    return !isStopped(cluster, plan);
  }

  private InstallSettings settings(ClusterRun cluster) {
    Map<String, String> given = wishes.settings().given(cluster.context());
    return wishes.clusters().contexts().size() > 1
        ? WantedSettings.ofOneOfSeveral(cluster.found(), given, cluster.context().orElseThrow())
        : WantedSettings.of(cluster.found(), given);
  }

  private boolean isStopped(ClusterRun cluster, List<Change> plan) {
    if (plan.stream().anyMatch(Change.Refused.class::isInstance)) {
      failed(
          cluster.context(), ExitCode.FINDINGS, "SLV7254", "the API server refuses what is shown");
      return true;
    }
    Predicate<Change> inConflict = Change.Conflict.class::isInstance;
    if (plan.stream().anyMatch(inConflict) && !wishes.run().takesOver()) {
      failed(
          cluster.context(),
          ExitCode.FINDINGS,
          "SLV7253",
          "others have set fields to something else; --force-conflicts sets them as shown");
      return true;
    }
    return false;
  }

  private static String question(List<ClusterRun> going) {
    return going.size() == 1 ? "Go ahead?" : "Go ahead in %d clusters?".formatted(going.size());
  }

  private boolean applied(ClusterRun cluster) {
    for (Change change : cluster.plan()) {
      try {
        cluster.installer().apply(change);
      } catch (KubernetesClientException e) {
        failed(
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
            wishes.run().limit(),
            what -> progress(cluster.prefix() + "waiting: " + what));
    if (missing.isPresent()) {
      failed(
          cluster.context(),
          ExitCode.TIME_OUT,
          "SLV7252",
          "not ready within %d s: %s"
              .formatted(wishes.run().limit().toSeconds(), missing.get()));
      return false;
    }
    return true;
  }

  private void progress(String text) {
    PrintWriter err = spec.commandLine().getErr();
    text.lines().limit(2).forEach(err::println);
    err.flush();
  }

  private boolean checked(ClusterRun cluster) throws InterruptedException {
    boolean well = true;
    for (Check check : cluster.check()) {
      String text = cluster.prefix() + check.text();
      switch (check.outcome()) {
        case PASSED -> say(style.good(text));
        case FAILED -> {
          well = false;
          failed(cluster.context(), ExitCode.FINDINGS, "SLV7256", check.text());
        }
        case UNKNOWN -> {
          well = false;
          worst = Math.max(worst, ExitCode.INCOMPLETE);
          page.wrapped("", 2, style.warning(text)).forEach(this::say);
        }
      }
    }
    if (well) {
      say("Next, Pods get sidecars where their namespace asks for them:");
      say(
          "  "
              + style.command(
                  wishes.clusters().kubectl(cluster.context())
                      + " label namespace NAME selvage.io/injection=enabled"));
    }
    return well;
  }

  private void failed(Optional<String> context, int code, String stable, String why) {
    worst = Math.max(worst, code);
    String where = context.map(name -> name + ": ").orElse("");
    List<String> lines = why.lines().toList();
    page.wrapped("", 2, style.bad(where + stable + " " + lines.getFirst())).forEach(this::say);
    lines.stream().skip(1).forEach(line -> say("  " + line)); // it may be a command to be pasted
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void close() {
    clusters.forEach(ClusterRun::close);
  }
}
