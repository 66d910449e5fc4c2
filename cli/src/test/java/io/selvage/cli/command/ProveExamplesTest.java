package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.selvage.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage prove} on examples/prove, in all forms, as they were read and found good. */
final class ProveExamplesTest {
  private static final Path EXAMPLE = Path.of("../examples/prove");
  private static final Path GOLDEN = Path.of("src/test/golden/prove");

  private record Ran(int status, String out, String err) {}

  private static Ran run(List<String> arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    List<String> line = new ArrayList<>(List.of("prove"));
    arguments.forEach(word -> line.add(word.replace("EX", EXAMPLE.toString())));
    int status =
        SelvageCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(line.toArray(String[]::new));
    return new Ran(status, out.toString(), err.toString());
  }

  private static Ran run(String line) {
    return run(List.of(line.split(" ", -1)));
  }

  /** What differs from run to run is taken out. */
  private static String lasting(String out) {
    return out.replace(EXAMPLE + "/", "")
        .replaceAll("(?m)  \\d+\\.\\d s$", "  0.0 s")
        .replaceAll("\"largestNodes\" : \\d+", "\"largestNodes\" : 0")
        .replaceAll("\"version\" : \"(dev|[0-9].*)\"", "\"version\" : \"V\"")
        .replace("\"version\" : \"V\",\n  \"runs\"", "\"version\" : \"2.1.0\",\n  \"runs\"");
  }

  private static void compare(String name, String out) throws IOException {
    Path file = GOLDEN.resolve(name);
    String got = lasting(out);
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, got);
    }
    assertThat(got).isEqualTo(Files.readString(file));
  }

  @ParameterizedTest
  @CsvSource({
    "diff,--base EX/base --head EX/head,1",
    "reach,-f EX/head,0",
    "check,-f EX/assertions.yaml -f EX/head,1",
    "lint,-f EX/base,1",
  })
  void answersAreAsTheyWereFoundGood(String command, String arguments, int status)
      throws IOException {
    Ran ran = run(command + " " + arguments);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.status()).isEqualTo(status);
    compare(command + ".txt", ran.out());
  }

  @Test
  void oneRequestIsExplainedToTheLine() throws IOException {
    List<String> line =
        List.of(
            "explain",
            "-f",
            "EX/base",
            "--from",
            "batch/nightly",
            "--to",
            "payments/ledger",
            "--request",
            "POST /charge");
    Ran ran = run(line);
    assertThat(ran.status()).isEqualTo(ExitCode.FINDINGS);
    compare("explain.txt", ran.out());
    List<String> json = new ArrayList<>(line);
    json.addAll(List.of("-o", "json"));
    valid(run(json).out());
  }

  @ParameterizedTest
  @CsvSource({
    "diff,json",
    "diff,sarif",
    "diff,junit",
    "diff,github",
    "diff,md",
    "diff,csv",
    "diff,dot",
    "diff,mermaid",
    "diff,svg",
    "reach,md",
    "reach,csv",
    "reach,svg",
    "check,json",
    "check,sarif",
    "check,junit",
    "check,github",
    "check,md",
    "lint,json",
    "lint,sarif",
    "lint,junit",
    "lint,github",
    "lint,md",
  })
  void everyFormIsAsItWasFoundGood(String command, String form) throws Exception {
    String sides =
        switch (command) {
          case "diff" -> "--base EX/base --head EX/head";
          case "check" -> "-f EX/assertions.yaml -f EX/head";
          default -> "-f EX/base";
        };
    Ran ran = run("%s %s -o %s".formatted(command, sides, form));
    assertThat(ran.err()).isEmpty();
    switch (form) {
      case "json" -> valid(ran.out());
      case "sarif" -> assertThat(JsonMapper.shared().readTree(ran.out()).path("runs")).hasSize(1);
      case "junit", "svg" ->
          assertThat(
                  DocumentBuilderFactory.newInstance()
                      .newDocumentBuilder()
                      .parse(new InputSource(new StringReader(ran.out())))
                      .getDocumentElement())
              .isNotNull();
      default -> assertThat(ran.out()).isNotBlank();
    }
    compare(command + "." + form, ran.out());
  }

  @Test
  void aFocusShowsOneWorkloadAndItsNeighbours() throws IOException {
    Ran ran = run("diff --base EX/base --head EX/head -o mermaid --focus payments/ledger");
    assertThat(ran.out()).contains("payments/ledger").doesNotContain("unauthenticated");
    compare("focus.mermaid", ran.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"diff --base EX/base --head EX/base", "reach -f EX/base --from plaintext"})
  void answersWithoutFindingsAreOfTheSchemaToo(String line) throws IOException {
    Ran ran = run(line + " -o json");
    assertThat(ran.status()).isZero();
    valid(ran.out());
  }

  /** By the published schema. */
  private static void valid(String json) throws IOException {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(Path.of("../docs/schema/prove-v1.json")), InputFormat.JSON);
    assertThat(schema.validate(json, InputFormat.JSON)).isEmpty();
  }

  @Test
  void aGateFailsOnWhatItIsToldTo() {
    String sides = "diff --base EX/base --head EX/head --fail-on ";
    assertThat(run(sides + "allowed").status()).isEqualTo(ExitCode.FINDINGS);
    assertThat(run(sides + "none").status()).isEqualTo(ExitCode.OK);
    String payments = sides + "denied --to payments/";
    assertThat(run(payments).status()).isEqualTo(ExitCode.OK);
    assertThat(run(sides + "denied --to catalog/").status()).isEqualTo(ExitCode.FINDINGS);
  }

  @Test
  void noAnswerInTimeIsInconclusiveAndNeverNothing() {
    Ran ran = run("diff --base EX/base --head EX/head --timeout 0");
    assertThat(ran.status()).isEqualTo(ExitCode.INCOMPLETE);
    assertThat(ran.out()).contains("INCONCLUSIVE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reach -f EX/nowhere | EX/nowhere is not there",
        "reach -f EX/base --to payments/ledgr | there is no workload `payments/ledgr`",
        "reach -f EX/base --from ledger | `ledger` is no caller",
        "reach -f EX/base -o junit | there is no -o junit here",
        "check -f EX/base | there is no document of kind PolicyAssertions",
        "diff --head EX/base | --base is missing",
        "diff --base nope:mesh --head EX/base | `nope:mesh` cannot be read from git",
        "explain -f EX/base --to payments/ledger --request POST | is no request",
        "explain -f EX/base --to web/front | choose one with --port",
      })
  void whatIsWrongIsSaidWithStatusTwo(String line, String message) {
    Ran ran = run(line);
    assertThat(ran.status()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains(message.replace("EX", EXAMPLE.toString()));
  }

  @Test
  void whatDoesSomethingElseThanItSeemsToIsWarnedOf(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("a.yaml"),
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: a, namespace: shop}
        spec: {rules: [{to: [{operation: {methods: [get]}}]}]}
        """);
    assertThat(run(List.of("reach", "-f", folder.toString())).err())
        .startsWith("! SLV4204 " + folder.resolve("a.yaml") + ":4: ")
        .contains("methods are in capitals");
  }

  /** A mesh whose one workload has a port of bytes, and what is demanded of requests there. */
  private static List<String> bytes(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: ledger, namespace: payments}
        spec: {template: {metadata: {labels: {app: ledger}}, spec: {containers: [{name: app}]}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: ledger, namespace: payments}
        spec: {selector: {app: ledger}, ports: [{name: tcp-api, port: 8080}]}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: web, namespace: payments}
        spec:
          selector: {matchLabels: {app: ledger}}
          rules: [{from: [{source: {namespaces: [web]}}], to: [{operation: {ports: ["8080"]}}]}]
        ---
        apiVersion: selvage.dev/v1alpha1
        kind: PolicyAssertions
        assertions:
        - id: nobody-charges
          never:
            from: {namespaces: [web]}
            to: {workloads: [{namespace: payments, name: ledger}]}
            request: {methods: [POST], paths: ["/charge"]}
        """);
    return List.of("check", "-f", folder.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "json", "md", "sarif", "junit", "github"})
  void whyAConnectionBreaksADemandAboutRequestsIsSaidInEveryForm(String form, @TempDir Path folder)
      throws IOException {
    List<String> line = new ArrayList<>(bytes(folder));
    line.addAll(List.of("-o", form));
    Ran ran = run(line);
    assertThat(ran.status()).isEqualTo(ExitCode.FINDINGS);
    assertThat(ran.out().replaceAll("\\s+", " ")).contains("port 8080 is declared TCP");
    if (form.equals("json")) {
      valid(ran.out());
    }
  }

  @Test
  void whatIsBehindZtunnelIsInconclusive(@TempDir Path folder) throws IOException {
    List<String> line = bytes(folder);
    Files.writeString(
        folder.resolve("namespace.yaml"),
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: payments, labels: {istio.io/dataplane-mode: ambient}}
        """);
    Ran ran = run(line);
    assertThat(ran.status()).isEqualTo(ExitCode.INCOMPLETE);
    assertThat(ran.out()).contains("nobody-charges  INCONCLUSIVE (SLV9412)").contains("ztunnel");
    Ran explained =
        run(
            List.of(
                "explain",
                "-f",
                folder.toString(),
                "--from",
                "plaintext",
                "--to",
                "payments/ledger",
                "--request",
                "tcp"));
    assertThat(explained.status()).isEqualTo(ExitCode.INCOMPLETE);
    assertThat(explained.out() + explained.err()).contains("ztunnel");
  }

  @Test
  void oneRequestToAGatewayIsExplainedWhateverItsServiceSpeaks(@TempDir Path folder)
      throws IOException {
    Files.writeString(
        folder.resolve("door.yaml"),
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: door, namespace: edge}
        spec:
          template:
            metadata: {labels: {istio: door}, annotations: {inject.istio.io/templates: gateway}}
            spec: {containers: [{name: istio-proxy, image: auto}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: door, namespace: edge}
        spec: {selector: {istio: door}, ports: [{name: https, port: 443, targetPort: 8443}]}
        """);
    Ran ran =
        run(
            List.of(
                "explain",
                "-f",
                folder.toString(),
                "--from",
                "plaintext",
                "--to",
                "edge/door",
                "--request",
                "GET /admin"));
    assertThat(ran.err()).isEmpty();
    assertThat(ran.status()).isZero();
    assertThat(ran.out()).contains("edge/door :8443 HTTP").contains("a gateway's servers say");
  }

  @Test
  void sarifResultsHaveAPlaceAndAFingerprintThatStays() {
    JsonNode results =
        JsonMapper.shared()
            .readTree(run("diff --base EX/base --head EX/head -o sarif").out())
            .at("/runs/0/results");
    assertThat(results).isNotEmpty();
    for (JsonNode result : results) {
      assertThat(result.at("/locations/0/physicalLocation/region/startLine").asInt()).isPositive();
      assertThat(result.at("/partialFingerprints/selvageProve~1v1").asString()).hasSize(32);
      assertThat(result.path("relatedLocations")).isNotEmpty();
    }
  }

  @Test
  void everyLineOfHelpFitsIntoEightyColumns() {
    for (String command : List.of("reach", "diff", "check", "lint", "explain")) {
      assertThat(run(command + " --help").out().lines())
          .allSatisfy(line -> assertThat(line.length()).isLessThan(81));
    }
  }
}
