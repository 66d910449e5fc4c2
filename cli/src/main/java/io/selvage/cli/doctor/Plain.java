package io.selvage.cli.doctor;

import java.util.regex.Pattern;

/**
 * Text of a cluster's, fit for a terminal: what is in a log or an annotation may be anybody's, and
 * shall move no cursor and hide no line.
 */
final class Plain {
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Cf}&&[^\\n]]+");

  private Plain() {}

  /** {@code text} with a blank for whatever controls a terminal; line ends stay. */
  static String text(String text) {
    return CONTROL.matcher(text).replaceAll(" ");
  }

  /** The same in one line. */
  static String line(String text) {
    return text(text).replace('\n', ' ');
  }
}
