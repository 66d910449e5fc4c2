package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Fix;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Selection;
import io.selvage.doctor.bundle.Bundle;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.fix.ClusterHand;
import io.selvage.doctor.fix.FixJournal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Looking until all is well, looking on and on, and mending: on a cluster in memory. */
final class DoctorRunTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final ObjectRef DENY = new ObjectRef("AuthorizationPolicy", "pay", "deny");

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine line =
      java.util.Objects.requireNonNull(
              SelvageCommand.commandLine().getSubcommands().get("doctor"), "doctor")
          .setOut(new PrintWriter(out))
          .setErr(new PrintWriter(err));

  /** A cluster with an empty policy, until it is taken away. */
  private static final class Cluster implements DoctorSource, ClusterHand {
    private final List<String> done = new ArrayList<>();
    private boolean broken = true;
    private int looks;

    @Override
    public Evidence look(Consumer<String> progress) {
      looks++;
      progress.accept("the API server");
      return new Evidence(NOW, NOW, List.of(cluster(broken)));
    }

    @Override
    public ClusterHand hand(String context) {
      return this;
    }

    @Override
    public List<String> cleanUp() {
      return List.of();
    }

    @Override
    public void close() {}

    @Override
    public Optional<ObjectNode> read(String apiVersion, ObjectRef object) {
      return broken && object.equals(DENY) ? Optional.of(policy()) : Optional.empty();
    }

    @Override
    public ObjectNode patch(Fix.Patch fix, Write write) {
      throw new AssertionError("nothing is patched here");
    }

    @Override
    public ObjectNode apply(ObjectNode object, Write write) {
      throw new AssertionError("nothing is applied here");
    }

    @Override
    public void delete(ObjectNode object, Write write) {
      if (write == Write.DONE) {
        done.add("delete " + new ApiObject(object).ref());
        broken = false;
      }
    }

    @Override
    public ObjectNode restart(ObjectRef workload, Write write) {
      throw new AssertionError("nothing is restarted here");
    }

    @Override
    public Optional<String> settled(ObjectRef workload) {
      return Optional.empty();
    }
  }

  private DoctorRun run(DoctorRun.Pause pause, boolean plain) {
    return run(pause, plain, Duration.ofMinutes(5), Optional.empty());
  }

  private DoctorRun run(
      DoctorRun.Pause pause, boolean plain, Duration timeout, Optional<Path> save) {
    return new DoctorRun(
        line.getCommandSpec(),
        new DoctorRun.Wishes(
            new Selection(List.of("SLV4004"), List.of()),
            Ignored.NOTHING,
            Optional.empty(),
            Optional.empty(),
            DoctorForm.TEXT,
            plain,
            save,
            timeout,
            false,
            Diagnosis.FailOn.WARNING),
        pause);
  }

  @Test
  void waitingEndsWhenAllIsWell() throws Exception {
    var cluster = new Cluster();
    List<Duration> pauses = new ArrayList<>();
    int code =
        run(
                pause -> {
                  pauses.add(pause);
                  cluster.broken = pauses.size() < 3;
                },
                false)
            .until(cluster);
    assertThat(code).isEqualTo(ExitCode.OK);
    assertThat(cluster.looks).as("one look each time").isEqualTo(4);
    assertThat(pauses).hasSize(3).allMatch(pause -> !pause.isZero());
    assertThat(out.toString()).as("only the end is shown").containsOnlyOnce("east");
    assertThat(err.toString().lines()).hasSize(3).allMatch(said -> said.contains("looking again"));
  }

  /** Its objects were read; then nothing answers any more. */
  private static final class Stuck implements DoctorLook {
    private final boolean reads;

    Stuck(boolean reads) {
      this.reads = reads;
    }

    @Override
    public Evidence look(Consumer<String> progress) {
      throw new AssertionError("what was seen so far is asked for");
    }

    @Override
    public Evidence look(Consumer<String> progress, Consumer<Evidence> soFar)
        throws InterruptedException {
      if (reads) {
        soFar.accept(new Evidence(NOW, NOW, List.of(cluster(true))));
      }
      new CountDownLatch(1).await();
      throw new AssertionError("it is interrupted");
    }
  }

  @Test
  void whatWasSeenBeforeTheTimeWasUpIsJudgedShownAndSaved() throws Exception {
    Path bundle = folder.resolve("bundle.zip");
    int code = run(_ -> {}, false, Duration.ZERO, Optional.of(bundle)).once(new Stuck(true));
    assertThat(code).isEqualTo(ExitCode.TIME_OUT);
    assertThat(out.toString()).contains("SLV4004");
    assertThat(err.toString()).contains("it took longer than 0 s", "what was seen by then");
    assertThat(Bundle.read(bundle).clusters())
        .extracting(ClusterEvidence::context)
        .containsExactly("east");
  }

  @Test
  void whereNothingWasSeenThereIsNothingToJudge() {
    assertThatThrownBy(
            () -> run(_ -> {}, false, Duration.ZERO, Optional.empty()).once(new Stuck(false)))
        .isInstanceOfSatisfying(
            UserError.class, error -> assertThat(error.exitCode()).isEqualTo(ExitCode.TIME_OUT));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void nothingIsMendedByWhatWasNotSeenToItsEnd() {
    assertThatThrownBy(
            () -> run(_ -> {}, false, Duration.ZERO, Optional.empty()).diagnosis(new Stuck(true)))
        .isInstanceOf(UserError.class);
  }

  @Test
  void watchingShowsWhatChangesAndNothingElse() {
    var cluster = new Cluster();
    List<String> shown = new ArrayList<>();
    int[] pauses = {0};
    assertThatThrownBy(
            () ->
                run(
                        _ -> {
                          shown.add(out.toString());
                          out.getBuffer().setLength(0);
                          cluster.broken = pauses[0] < 2;
                          if (++pauses[0] > 4) {
                            throw new InterruptedException("Ctrl-C");
                          }
                        },
                        false)
                    .watch(cluster))
        .isInstanceOf(InterruptedException.class);
    assertThat(shown.get(0)).contains("SLV4004");
    assertThat(shown.get(1)).isEmpty();
    assertThat(shown.get(2)).isEmpty();
    assertThat(shown.get(3)).contains("0 failed, 0 warnings");
    assertThat(shown.get(4)).isEmpty();
    assertThat(cluster.looks).isEqualTo(5);
  }

  @Test
  void plainIsAsciiWithoutColour() throws Exception {
    run(_ -> {}, true).once(new Cluster());
    assertThat(out.toString()).isNotEmpty().matches("\\p{ASCII}*").doesNotContain("\u001b");
    assertThat(Style.PLAIN.good("ok")).isEqualTo("+ ok");
    assertThat(Style.PLAIN.bad("no")).isEqualTo("x no");
  }

  @Test
  void onAPipeNothingIsSaidOfProgress() throws Exception {
    run(_ -> {}, false).once(new Cluster());
    assertThat(err.toString()).isEmpty();
  }

  private DoctorFixChoice choice(String... arguments) {
    var choice = new DoctorFixChoice();
    new CommandLine(choice).parseArgs(arguments);
    return choice;
  }

  private int mend(Cluster cluster, String... arguments) throws Exception {
    return new DoctorFixes(
            line.getCommandSpec(),
            run(_ -> {}, false),
            cluster,
            choice(arguments),
            new FixJournal(folder),
            _ -> {})
        .mend();
  }

  @Test
  void aFixIsShownMadeLookedAtAndNoted() throws Exception {
    var cluster = new Cluster();
    assertThat(mend(cluster, "--fix=SLV4004", "--yes")).as(out.toString()).isEqualTo(ExitCode.OK);
    assertThat(cluster.done).containsExactly("delete " + DENY);
    String run = new FixJournal(folder).names().getFirst();
    assertThat(out.toString()).contains("healed", "selvage undo " + run);
    assertThat(new FixJournal(folder).read(run).orElseThrow().steps())
        .singleElement()
        .satisfies(step -> assertThat(step.before()).contains(policy()));
  }

  @Test
  void aDryRunChangesNothing() throws Exception {
    var cluster = new Cluster();
    assertThat(mend(cluster, "--fix=SLV4004", "--dry-run")).isEqualTo(ExitCode.FINDINGS);
    assertThat(cluster.done).isEmpty();
    assertThat(new FixJournal(folder).names()).isEmpty();
    assertThat(out.toString()).contains("Nothing was changed (--dry-run).");
  }

  @Test
  void whatAltersSecurityIsNotDoneWhereNobodyCanBeAsked() throws Exception {
    var cluster = new Cluster();
    assertThat(mend(cluster, "--fix=SLV4004")).isEqualTo(ExitCode.FINDINGS);
    assertThat(cluster.done).isEmpty();
    assertThat(out.toString()).contains("nobody can be asked; --yes says yes");
  }

  @Test
  void whatWasNotNamedIsLeftAlone() throws Exception {
    var cluster = new Cluster();
    assertThat(mend(cluster, "--fix", "--yes")).isEqualTo(ExitCode.FINDINGS);
    assertThat(cluster.done).isEmpty();
    assertThat(out.toString()).contains("Nothing of this can be mended by --fix alone");
  }

  private static ObjectNode policy() {
    return json(
        """
        {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
         "metadata": {"name": "deny", "namespace": "pay", "uid": "1"}, "spec": {}}
        """);
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text);
  }

  private static ClusterEvidence cluster(boolean isBroken) {
    ObjectNode namespace =
        json(
            "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"pay\"}}");
    ObjectNode pod =
        json(
            """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "pay"},
             "spec": {"containers": [{"name": "istio-proxy", "args": ["proxy", "sidecar"]}]}}
            """);
    Map<Kind, Look<List<ApiObject>>> objects =
        Map.of(
            Kind.NAMESPACE, Look.seen(List.of(new ApiObject(namespace))),
            Kind.POD, Look.seen(List.of(new ApiObject(pod))),
            Kind.CONFIG_MAP, Look.seen(List.of()),
            Kind.AUTHORIZATION_POLICY,
                Look.seen(isBroken ? List.of(new ApiObject(policy())) : List.of()));
    return new ClusterEvidence(
        "east",
        "https://10.0.0.1:6443",
        Look.unseen("not read"),
        Look.seen(true),
        Look.seen(
            new Flavour(
                Flavour.Kind.ISTIO,
                "1.28.1",
                "istio-system",
                List.of(new Flavour.Revision("default", "istiod", "istiod", Optional.empty())),
                "cluster.local")),
        new Objects(objects),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.seen(List.of()),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.unseen("not read"),
        Look.unseen("not read"),
        NOW,
        NOW);
  }
}
