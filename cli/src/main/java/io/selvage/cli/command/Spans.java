package io.selvage.cli.command;

import java.time.Duration;

/** Spans of time in words. */
final class Spans {

  private Spans() {}

  /** A span in its largest two units, as kubectl has it: {@code 23h59m}; {@code ended} below 0. */
  static String shown(Duration span) {
    if (span.isNegative()) {
      return "ended";
    }
    if (span.toDays() > 99) {
      return span.toDays() + "d";
    }
    if (span.toDays() > 0) {
      return span.toDays() + "d" + span.toHoursPart() + "h";
    }
    if (span.toHours() > 0) {
      return span.toHours() + "h" + span.toMinutesPart() + "m";
    }
    return span.toMinutes() > 0
        ? span.toMinutes() + "m" + span.toSecondsPart() + "s"
        : span.toSeconds() + "s";
  }
}
