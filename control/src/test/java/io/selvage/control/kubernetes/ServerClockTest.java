package io.selvage.control.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The date of an answer has whole seconds, and was written somewhen between question and answer.
 */
class ServerClockTest {
  @ParameterizedTest
  @CsvSource({
    "12:00:00.900, 12:00:00, 12:00:01.100, 0",
    "12:00:00.000, 12:00:05, 12:00:09.000, 0",
    "12:10:01.000, 12:00:00, 12:10:02.000, 600",
    "11:50:00.000, 12:00:00, 11:50:00.000, -600",
    "12:00:00.000, 11:59:59, 12:00:00.000, 0",
    "12:00:01.500, 12:00:00, 12:00:02.000, 0.5",
  })
  void whatCannotBeExplainedByTheWayIsTheDifference(
      String asked, String date, String answered, double seconds) {
    assertThat(ServerClock.ahead(at(asked), at(date), at(answered)))
        .isEqualTo(Duration.ofMillis(Math.round(seconds * 1000)));
  }

  private static Instant at(String time) {
    return Instant.parse("2026-01-01T" + time + "Z");
  }
}
