package io.selvage.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Doctor;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The first screen, word for word. {@code make golden} accepts a change. */
class TextReportTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final Path GOLDEN = Path.of("src", "test", "golden", "doctor");
  private static final Page EIGHTY = new Page(80);
  private static final Style PLAIN = new Style(false);

  @Test
  void whatIsBrokenComesFirstWithItsNextCommand() throws IOException {
    var lines = TextReport.of(sample(), PLAIN, EIGHTY, false);
    golden("text.txt", lines);
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThan(81));
  }

  @Test
  void wideShowsAllThatIsFine() throws IOException {
    golden("wide.txt", TextReport.of(sample(), PLAIN, EIGHTY, true));
  }

  @Test
  void onAPipeALineStaysWhole() {
    assertThat(TextReport.of(sample(), PLAIN, new Page(0), false))
        .anyMatch(line -> line.contains("does not verify what istiod serves on port 15017"));
  }

  @Test
  void coloursChangeNoCharacterOfIt() {
    var coloured =
        TextReport.of(sample(), new Style(true), EIGHTY, false).stream()
            .map(line -> line.replaceAll("\u001b\\[\\d+m", ""))
            .toList();
    assertThat(coloured).isEqualTo(TextReport.of(sample(), PLAIN, EIGHTY, false));
  }

  @Test
  void nothingOfAClusterMovesTheCursor() {
    var check =
        check(
            "SLV4003",
            "policies select",
            out ->
                out.fail("a\u001b[2Jb")
                    .seen("c\u001b]0;title\u0007d\te\r\u202ef", "\u001b[1A")
                    .cause("two\nlines"));
    var lines =
        TextReport.of(
            new Doctor(List.of(check))
                .examine(new Evidence(NOW, NOW, List.of(cluster("east", Look.seen(true))))),
            PLAIN,
            EIGHTY,
            true);
    assertThat(lines)
        .allSatisfy(line -> assertThat(line).doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]"))
        .anyMatch(line -> line.strip().equals("lines"));
  }

  @Test
  void aClusterThatDoesNotAnswerIsSaidSo() {
    var dead = cluster("west", Look.unseen("connection refused"));
    var diagnosis =
        new Doctor(List.of(check("SLV0001", "reachable", out -> out.fail("no answer"))))
            .examine(new Evidence(NOW, NOW, List.of(dead)));
    assertThat(TextReport.of(diagnosis, PLAIN, EIGHTY, false).getFirst())
        .isEqualTo("west  not reached: connection refused");
  }

  private static void golden(String name, List<String> lines) throws IOException {
    String got = String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(GOLDEN.resolve(name), got);
    }
    assertThat(got).isEqualTo(Files.readString(GOLDEN.resolve(name)));
  }

  private static Diagnosis sample() {
    var injector = new ObjectRef("MutatingWebhookConfiguration", "", "istio-sidecar-injector");
    List<Check> checks = new ArrayList<>();
    checks.add(check("SLV1002", "root valid", out -> out.pass("the root ends in 3620 days")));
    checks.add(check("SLV1004", "roots alike", out -> out.pass("5 namespaces have the root")));
    checks.add(
        check(
            "SLV2003",
            "no port is PERMISSIVE",
            out -> {
              for (int i = 0; i < 7; i++) {
                out.warn("pay/web-" + i + " accepts plaintext at port 8080")
                    .about(new ObjectRef("Pod", "pay", "web-" + i));
              }
            }));
    checks.add(check("SLV2010", "all is mTLS", out -> out.skip("no metrics are kept here")));
    checks.add(
        check("SLV2011", "no bad handshakes", out -> out.fail("42 a minute, from 10.0.0.1")));
    checks.add(
        check(
            "SLV3002",
            "caBundle verifies what istiod serves",
            out ->
                out.fail(
                        "caBundle of istio-sidecar-injector entry 2 does not verify what istiod"
                            + " serves on port 15017")
                    .about(injector)
                    .seen("bundle aa:13, served chain leads to bb:7f", "GET the webhook")
                    .seen("entries 1, 3 and 4 verify", "")
                    .cause("the CA was rotated at 09:41; argocd wrote the field last at 09:44")
                    .effect("Pods that are created are refused (failurePolicy Fail): 3 seen")
                    .since(NOW.minusSeconds(8_340))
                    .fix(
                        new Fix.Patch(
                            "put the root that verifies into entry 2",
                            "admissionregistration.k8s.io/v1",
                            injector,
                            JsonMapper.shared().createArrayNode()))));
    checks.add(check("SLV4003", "policies select", out -> out.warn("`app: pya` matches nothing")));
    checks.add(
        check(
            "SLV6004",
            "the service agent has its role",
            out -> out.unknown("needs resourcemanager.projects.getIamPolicy")));
    for (String code : List.of("SLV2001", "SLV2002")) {
      checks.add(
          check(
              code,
              "proved by traffic",
              out -> out.unknown("only requests can tell").forWantOfProbes()));
    }
    checks.add(
        check(
            "SLV6005",
            "fleet conditions",
            out -> out.unknown("needs resourcemanager.projects.getIamPolicy")));
    checks.add(
        new Check.OfMesh(
            CheckInfo.of("SLV8001", "one root", Set.of(Source.OBJECTS), FixClass.EXPLAINED),
            (_, out) -> out.fail("different roots: aa:13 / 5c:02")));
    var ignored =
        new Ignored(
            List.of(
                entry("SLV4003", LocalDate.of(2026, 12, 31)),
                entry("SLV1002", LocalDate.of(2026, 1, 31))));
    return new Doctor(checks, ignored)
        .examine(new Evidence(NOW, NOW, List.of(cluster("prod-eu", Look.seen(true)))));
  }

  private static Ignored.Entry entry(String code, LocalDate until) {
    return new Ignored.Entry(
        code, Optional.empty(), Optional.empty(), "known", until, ".selvage/ignore.yaml:3");
  }

  private static Check check(String code, String title, Consumer<Results> says) {
    return new Check.OfCluster(
        CheckInfo.of(code, title, Set.of(Source.OBJECTS), FixClass.CONSENTED),
        (_, out) -> says.accept(out));
  }

  private static ClusterEvidence cluster(String context, Look<Boolean> reached) {
    Look<Flavour> flavour =
        Look.seen(
            new Flavour(
                Flavour.Kind.ISTIO,
                "1.28.1",
                "istio-system",
                List.of(new Flavour.Revision("default", "istiod", "istiod", Optional.empty())),
                "cluster.local"));
    return new ClusterEvidence(
        context,
        "https://10.0.0.1:6443",
        Look.unseen(""),
        reached,
        flavour,
        new Objects(Map.of()),
        Look.unseen(""),
        Look.unseen(""),
        Look.unseen(""),
        Look.seen(List.of()),
        Look.unseen(""),
        Look.unseen(""),
        Look.unseen(""),
        Look.unseen(""),
        Look.unseen(""),
        Look.unseen(""),
        Look.unseen(""),
        NOW,
        NOW);
  }
}
