package io.selvage.cli.terminal;

import java.util.Map;

/**
 * Colour and symbols of one stream. Symbols differ in shape as well as in colour, so nothing is
 * said by colour alone.
 *
 * @param colour whether escape sequences are written
 * @param ascii whether symbols are of ASCII alone
 */
public record Style(boolean colour, boolean ascii) {

  /** No escape sequences, nothing but ASCII: for logs, and for terminals that know no more. */
  public static final Style PLAIN = new Style(false, true);

  /** With the usual symbols. */
  public Style(boolean colour) {
    this(colour, false);
  }

  /** {@code --color}: always, never, or as the stream and the environment have it. */
  public enum When {
    AUTO,
    ALWAYS,
    NEVER
  }

  /**
   * Decides in the order {@code --color}, {@code NO_COLOR}, {@code CLICOLOR_FORCE}, {@code
   * TERM=dumb}, terminal or not.
   */
  public static Style of(When when, Map<String, String> environment, boolean terminal) {
    return new Style(
        switch (when) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO -> wanted(environment, terminal);
        });
  }

  private static boolean wanted(Map<String, String> environment, boolean terminal) {
    if (!environment.getOrDefault("NO_COLOR", "").isEmpty()) {
      return false;
    }
    String force = environment.getOrDefault("CLICOLOR_FORCE", "0");
    if (!force.isEmpty() && !force.equals("0")) {
      return true;
    }
    return terminal && !"dumb".equals(environment.get("TERM"));
  }

  /** A green tick before {@code text}. */
  public String good(String text) {
    return paint("32", tick()) + " " + text;
  }

  /** What stands before what is well, uncoloured. */
  public String tick() {
    return ascii ? "+" : "√";
  }

  /** A red cross before {@code text}. */
  public String bad(String text) {
    return paint("31", ascii ? "x" : "×") + " " + text;
  }

  /** A yellow exclamation mark before {@code text}. */
  public String warning(String text) {
    return paint("33", "!") + " " + text;
  }

  /** A violet question mark before {@code text}. */
  public String unknown(String text) {
    return paint("35", "?") + " " + text;
  }

  /** {@code text} in bold. */
  public String strong(String text) {
    return paint("1", text);
  }

  /** {@code text} less prominent. */
  public String faint(String text) {
    return paint("2", text);
  }

  /** {@code text} as something that can be typed. */
  public String command(String text) {
    return paint("36", text);
  }

  private String paint(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
