package io.selvage.doctor;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One line of the catalogue.
 *
 * @param code {@code SLV} and four digits, never used again for anything else
 * @param title what is so when all is well, such as {@code caBundle verifies what istiod serves}
 * @param worst FAIL or WARN: the worst that it can say
 * @param reads what it looks at
 * @param fix who may mend it
 * @param runbook rows of the security runbook that it covers, such as {@code R5}; none: beyond it
 * @param istio Istio's analyzer messages that say something of the same, such as {@code IST0107}
 */
public record CheckInfo(
    String code,
    String title,
    Status worst,
    Set<Source> reads,
    FixClass fix,
    List<String> runbook,
    Optional<String> istio) {
  public CheckInfo {
    reads = Set.copyOf(reads);
    runbook = List.copyOf(runbook);
  }

  /** One that fails at worst and has no counterpart among Istio's messages. */
  public static CheckInfo of(
      String code, String title, Set<Source> reads, FixClass fix, String... runbook) {
    return new CheckInfo(code, title, Status.FAIL, reads, fix, List.of(runbook), Optional.empty());
  }

  /** The range that it is in: the first digit of its code. */
  public int range() {
    return code.charAt(3) - '0';
  }
}
