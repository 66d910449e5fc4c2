package io.selvage.control.kubernetes.inject;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A quantity as Kubernetes writes it: {@code 100m}, {@code 1.5Gi}, {@code 2e3}.
 *
 * @param text as it was written
 * @param amount in cores or bytes
 */
record Quantity(String text, BigDecimal amount) {
  private static final Pattern FORM =
      Pattern.compile(
          "\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)(?:([numkMGTPE])|([KMGTPE])i|([eE][+-]?[0-9]{1,3}))?");

  /** Of ten to the third power each, from nano on. */
  private static final List<String> DECIMAL =
      List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");

  /** Of two to the tenth power each. */
  private static final List<String> BINARY = List.of("", "K", "M", "G", "T", "P", "E");

  private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Quantity of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no quantity, like 100m or 128Mi");
    }
    BigDecimal number = new BigDecimal(form.group(1));
    if (form.group(2) != null) {
      int thousands = DECIMAL.indexOf(form.group(2)) - DECIMAL.indexOf("");
      return new Quantity(text, number.scaleByPowerOfTen(3 * thousands));
    }
    if (form.group(3) != null) {
      return new Quantity(text, number.multiply(KIBI.pow(BINARY.indexOf(form.group(3)))));
    }
    return new Quantity(
        text,
        form.group(4) == null
            ? number
            : number.scaleByPowerOfTen(Integer.parseInt(form.group(4).substring(1))));
  }

  boolean isLessThan(Quantity other) {
    return amount.compareTo(other.amount) < 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
