package io.selvage.doctor.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every form, word for word. {@code make golden} accepts a change. */
class ReportsTest {
  private static final Path GOLDEN = Path.of("src", "test", "golden", "report");
  private static final String VERSION = "0.1.0";

  private final Diagnosis sample = SampleDiagnosis.of();

  @ParameterizedTest
  @EnumSource
  void aReportReadsAsBefore(ReportForm form) throws IOException {
    String got = form.render(sample, VERSION);
    Path file = GOLDEN.resolve(fileName(form));
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, got);
    }
    assertThat(got).isEqualTo(Files.readString(file));
    assertThat(got).endsWith("\n");
  }

  private static String fileName(ReportForm form) {
    return switch (form) {
      case JSON -> "report.json";
      case YAML -> "report.yaml";
      case SARIF -> "report.sarif";
      case JUNIT -> "junit.xml";
      case HTML -> "report.html";
      case MARKDOWN -> "report.md";
      case NAME -> "names.txt";
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"JSON", "YAML", "SARIF", "JUNIT", "HTML", "MARKDOWN"})
  void everyFormTellsOfEveryOpenFinding(ReportForm form) {
    String got = form.render(sample, VERSION);
    for (String code : sample.open()) {
      assertThat(got).contains(code);
    }
  }

  @Test
  void theYamlIsTheJson() {
    var yaml =
        new Load(LoadSettings.builder().build())
            .loadFromString(ReportForm.YAML.render(sample, VERSION));
    assertThat(JsonMapper.shared().<JsonNode>valueToTree(yaml)).isEqualTo(JsonReport.of(sample));
  }

  @Test
  void theXmlIsWellFormedAndCountsAsTheDiagnosisDoes() throws Exception {
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    var xml =
        factory
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(ReportForm.JUNIT.render(sample, VERSION))));
    assertThat(xml.getElementsByTagName("failure").getLength())
        .isEqualTo(sample.count(Status.FAIL));
    assertThat(xml.getElementsByTagName("error").getLength())
        .isEqualTo(sample.count(Status.UNKNOWN));
    assertThat(xml.getElementsByTagName("testcase").getLength())
        .isEqualTo(sample.verdicts().size());
  }

  @Test
  void nothingOfAFindingIsTakenForMarkup() {
    assertThat(ReportForm.HTML.render(sample, VERSION))
        .doesNotContain("<bb:7f>")
        .contains("&lt;bb:7f&gt; &amp; &quot;more&quot;")
        .doesNotContain("<script", "http://", "https://www", "src=");
    assertThat(ReportForm.MARKDOWN.render(sample, VERSION)).contains("\\*argocd\\*");
  }

  @Test
  void anAlertStaysTheSameWhenOnlyItsTextChanges() {
    var first = SarifReport.of(sample, VERSION).at("/runs/0/results");
    List<Finding> later = new ArrayList<>();
    for (Finding finding : sample.findings()) {
      Result was = finding.result();
      later.add(
          new Finding(
              new Result(
                  was.code(),
                  was.status(),
                  was.context(),
                  was.summary() + " still",
                  was.objects(),
                  List.of(),
                  was.confidence(),
                  was.cause(),
                  was.effect(),
                  was.since(),
                  was.next(),
                  was.fix(),
                  was.forWantOfProbes()),
              finding.check(),
              finding.explains(),
              finding.ignored()));
    }
    var second =
        SarifReport.of(
                new Diagnosis(
                    sample.taken().plusSeconds(60),
                    sample.clusters(),
                    sample.checks(),
                    later,
                    sample.expired()),
                VERSION)
            .at("/runs/0/results");
    assertThat(second.findValuesAsString("selvageFinding/v1"))
        .isEqualTo(first.findValuesAsString("selvageFinding/v1"))
        .doesNotHaveDuplicates();
    assertThat(second).isNotEqualTo(first);
  }
}
