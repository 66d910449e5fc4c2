package io.selvage.it.conformance;

import java.util.Arrays;
import java.util.List;

/**
 * Which cases a run is about: all, or those of the environment's {@code SELVAGE_CASES}, beginnings
 * of sets' names ({@code authorization}, {@code authorization/paths}) or whole names of cases
 * ({@code authorization/paths#prefix}), with commas between.
 */
final class CaseSelection {
  private CaseSelection() {}

  static List<String> wanted() {
    String text = System.getenv("SELVAGE_CASES");
    return text == null || text.isBlank()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
  }

  /** Whether everything is asked, so that counts mean something. */
  static boolean isWhole() {
    return wanted().isEmpty();
  }

  static List<CaseSet> sets() {
    return CaseReader.read(CaseReader.folder(), wanted());
  }
}
