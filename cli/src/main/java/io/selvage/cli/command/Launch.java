package io.selvage.cli.command;

import java.time.Instant;
import java.util.Map;

/** When the user pressed return. */
final class Launch {

  private static final long MICROS = 1_000_000;

  private Launch() {}

  /**
   * As the launcher noted it, in seconds since 1970 with their fraction; now without a launcher.
   */
  static Instant began(Map<String, String> environment) {
    String noted = environment.getOrDefault("SELVAGE_STARTED", "").replace(',', '.');
    if (!noted.matches("\\d{1,12}\\.\\d{6}")) {
      return Instant.now();
    }
    String[] parts = noted.split("\\.", -1);
    return Instant.ofEpochSecond(
        Long.parseLong(parts[0]), Long.parseLong(parts[1]) * 1_000_000_000 / MICROS);
  }
}
