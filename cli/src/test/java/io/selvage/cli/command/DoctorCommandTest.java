package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.doctor.bundle.Bundle;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command line of the doctor, on a bundle: no cluster is asked. */
class DoctorCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path bundle = Path.of("");

  @BeforeEach
  void aNamespaceThatDeniesEverything() throws IOException {
    bundle = folder.resolve("bundle.zip");
    Bundle.write(new Evidence(NOW, NOW, List.of(cluster(Look.seen(true)))), "0.1.0", bundle);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return SelvageCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void aBundleIsJudgedOffline() {
    assertThat(run("doctor", bundle.toString(), "--only", "SLV4004", "--fail-on", "warning"))
        .as(out.toString())
        .isEqualTo(ExitCode.FINDINGS);
    assertThat(out.toString()).contains("SLV4004", "pay", "selvage explain SLV4004");
    assertThat(run("doctor", bundle.toString(), "--only", "SLV4004", "--fail-on", "never"))
        .isEqualTo(ExitCode.OK);
  }

  @Test
  void everyFormIsWrittenToStandardOutputAlone() {
    for (DoctorForm form : DoctorForm.values()) {
      run("doctor", bundle.toString(), "--only=4004", "-o", form.name().toLowerCase(Locale.ROOT));
      assertThat(out.toString()).as(form.name()).contains("SLV4004");
      assertThat(err.toString()).as(form.name()).isEmpty();
    }
  }

  @Test
  void whatCouldNotBeSeenIsNotGreen() {
    assertThat(run("doctor", bundle.toString(), "--only", "SLV1*")).isEqualTo(ExitCode.OK);
    assertThat(run("doctor", bundle.toString(), "--only", "SLV1*", "--strict"))
        .isEqualTo(ExitCode.INCOMPLETE);
  }

  @Test
  void aClusterThatWasNotReachedIsNoAccess() throws IOException {
    Bundle.write(new Evidence(NOW, NOW, List.of(cluster(Look.unseen("refused")))), "0.1.0", bundle);
    assertThat(run("doctor", bundle.toString())).isEqualTo(ExitCode.NO_ACCESS);
    assertThat(out.toString()).contains("not reached: refused");
  }

  @Test
  void aMisspeltChoiceIsAUsageError() throws IOException {
    assertThat(run("doctor", bundle.toString(), "--only", "SLV4999")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no check has the code SLV4999");
    assertThat(run("doctor", bundle.toString(), "--from", "sleep", "--to", "x.y:1"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(run("doctor", bundle.toString(), "--from", "sleep.sample"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(run("doctor", bundle.toString(), "--since", "soon")).isEqualTo(ExitCode.USAGE);
    assertThat(run("doctor", bundle.toString(), "--fix")).isEqualTo(ExitCode.USAGE);
    assertThat(run("doctor", bundle.toString(), "--dry-run")).isEqualTo(ExitCode.USAGE);
    Path other = Files.writeString(folder.resolve("x.zip"), "no zip");
    assertThat(run("doctor", other.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no bundle of the doctor");
  }

  @Test
  void whatIsIgnoredHasAReasonAndAnEnd() throws IOException {
    Path file = folder.resolve("ignore.yaml");
    Files.writeString(file, "[{code: SLV4004, reason: on purpose, until: 2026-12-31}]");
    assertThat(ignoring(file)).as(out.toString()).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("ignored until 2026-12-31: on purpose");
    Files.writeString(file, "[{code: SLV4004, reason: on purpose, until: 2026-10-31}]");
    assertThat(ignoring(file)).isEqualTo(ExitCode.FINDINGS);
    assertThat(out.toString()).contains("expired on 2026-10-31");
    Files.writeString(file, "[{code: SLV4004}]");
    assertThat(ignoring(file)).isEqualTo(ExitCode.USAGE);
  }

  private int ignoring(Path file) {
    return run(
        "doctor",
        bundle.toString(),
        "--only",
        "SLV4004",
        "--fail-on",
        "warning",
        "--ignore-file",
        file.toString());
  }

  @Test
  void aConversationThatCannotBeIsAFinding() {
    assertThat(
            run(
                "doctor",
                bundle.toString(),
                "--only=SLV4003",
                "--from=sleep.sample",
                "--to=web.pay:80"))
        .isEqualTo(ExitCode.FINDINGS);
    assertThat(out.toString()).contains("no Pod of sleep.sample was found");
  }

  @Test
  void whatIsSavedAgainIsTheSame() {
    Path copy = folder.resolve("copy.zip");
    assertThat(run("doctor", bundle.toString(), "--save", copy.toString(), "-o", "json"))
        .isNotEqualTo(ExitCode.USAGE);
    String first = out.toString();
    run("doctor", copy.toString(), "-o", "json");
    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void wordsAreCompletedForKubectl() {
    assertThat(run("complete", "--", "doctor", "--cont")).isEqualTo(ExitCode.OK);
    assertThat(out.toString().lines()).contains("--context", ":4");
    assertThat(run("complete", "--", "doct")).isEqualTo(ExitCode.OK);
    assertThat(out.toString().lines()).contains("doctor");
  }

  @Test
  void contextsAreReadFromTheKubeconfig() throws IOException {
    Path file = folder.resolve("config");
    Files.writeString(file, "{contexts: [{name: east}, {name: west}, {}], users: []}");
    assertThat(ContextCandidates.names(file)).containsExactly("east", "west");
    Files.writeString(file, "[");
    assertThat(ContextCandidates.names(file)).isEmpty();
    assertThat(ContextCandidates.names(folder.resolve("none"))).isEmpty();
  }

  private static ClusterEvidence cluster(Look<Boolean> reached) {
    Look<Flavour> flavour =
        Look.seen(
            new Flavour(
                Flavour.Kind.ISTIO,
                "1.28.1",
                "istio-system",
                List.of(new Flavour.Revision("default", "istiod", "istiod", Optional.empty())),
                "cluster.local"));
    var objects =
        Map.of(
            Kind.CONFIG_MAP,
            Look.seen(List.<ApiObject>of()),
            Kind.NAMESPACE,
            object(
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"pay\"}}"),
            Kind.POD,
            object(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\",\"namespace\":\"pay\"},"
                    + "\"spec\":{\"containers\":[{\"name\":\"istio-proxy\",\"args\":[\"proxy\",\"sidecar\"]}]}}"),
            Kind.AUTHORIZATION_POLICY,
            object(
                "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"AuthorizationPolicy\",\"metadata\":"
                    + "{\"name\":\"deny\",\"namespace\":\"pay\"},\"spec\":{}}"));
    return new ClusterEvidence(
        "east",
        "https://10.0.0.1:6443",
        Look.unseen("not read"),
        reached,
        flavour,
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

  private static Look<List<ApiObject>> object(String json) {
    return Look.seen(List.of(new ApiObject((ObjectNode) JsonMapper.shared().readTree(json))));
  }
}
