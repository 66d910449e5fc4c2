package io.selvage.doctor.view;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Numbers and lists as a person reads them. */
public final class Words {
  private static final int SHOWN = 3;

  private Words() {}

  /** {@code a, b, c and 4 more}. */
  public static String some(Collection<String> all) {
    List<String> sorted = all.stream().distinct().sorted().toList();
    String shown = sorted.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return sorted.size() <= SHOWN ? shown : shown + " and " + (sorted.size() - SHOWN) + " more";
  }

  /** {@code 1 port}, {@code 2 ports}. */
  public static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
