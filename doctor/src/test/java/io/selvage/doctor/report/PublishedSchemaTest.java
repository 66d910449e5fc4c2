package io.selvage.doctor.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/schema/doctor-v1.json} says of {@code -o json} what is so. */
class PublishedSchemaTest {
  private final Schema schema;

  PublishedSchemaTest() throws IOException {
    schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(
                Files.readString(Path.of("..", "docs", "schema", "doctor-v1.json")),
                InputFormat.JSON);
  }

  @Test
  void reportsAreAsPublished() {
    var unreached = Fixtures.istio();
    unreached.reached = Look.unseen("connection refused");
    unreached.flavour = Look.unseen("connection refused");
    valid(SampleDiagnosis.of());
    valid(Fixtures.diagnosis(Fixtures.pair()));
    valid(Fixtures.diagnosis(unreached.evidence()));
    valid(Fixtures.diagnosis(Fixtures.selvage().unseen(Kind.SECRET).evidence()));
  }

  private void valid(Diagnosis diagnosis) {
    assertThat(schema.validate(JsonReport.of(diagnosis))).isEmpty();
  }

  @Test
  void theSchemaRefusesWhatIsNone() {
    var report = JsonReport.of(SampleDiagnosis.of());
    report.remove("summary");
    assertThat(schema.validate(report)).hasSize(1);
  }
}
