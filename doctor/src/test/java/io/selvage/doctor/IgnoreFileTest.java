package io.selvage.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnoreFileTest {
  @Test
  void anEntryHasAReasonAndALastDay() {
    var read =
        IgnoreFile.read(
            "ignore.yaml",
            """
            # known
            - code: SLV2003
              context: east
              object: Deployment pay/web
              reason: moves in December
              until: 2026-12-31
            """);
    assertThat(read.entries())
        .containsExactly(
            new Ignored.Entry(
                "SLV2003",
                Optional.of("east"),
                Optional.of("Deployment pay/web"),
                "moves in December",
                LocalDate.of(2026, 12, 31),
                "ignore.yaml:2"));
    assertThat(IgnoreFile.read("ignore.yaml", "").entries()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{code: SLV2003, until: 2026-12-31}] | f:1: an entry needs `reason`",
        "[{code: SLV2003, reason: x}] | f:1: an entry needs `until`",
        "[{code: SLV2*, reason: x, until: 2026-12-31}] | f:1: `SLV2*` is no code",
        "[{code: SLV2003, reason: x, until: soon}] | f:1: `until` is a day",
        "[{code: SLV2003, reason: x, until: 2026-12-31, contxt: east}] | `contxt` is not a field",
        "[{code: SLV2003, reason: '', until: 2026-12-31}] | `reason` is empty",
        "{code: SLV2003} | a list of entries is expected",
        "[SLV2003] | an entry has fields",
        "[{code: [SLV2003]}] | a field is a name and a text",
        "'[' | f: "
      })
  void whatIsNotUnderstoodIsRefused(String text, String why) {
    assertThatThrownBy(() -> IgnoreFile.read("f", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why.strip());
  }
}
