package io.selvage.control.kubernetes.migrate;

/**
 * A step that is not taken, and why; the message begins with a stable code and ends with what to
 * do.
 */
public final class MigrationRefused extends Exception {
  private static final long serialVersionUID = 1;

  /** The step would cut somebody off. */
  static final String CUTS_OFF = "SLV7282";

  /** The CA or the settings are not such that a step could begin. */
  static final String NOT_SUCH = "SLV7283";

  MigrationRefused(String code, String message) {
    super(code + " " + message);
  }

  MigrationRefused(String code, String message, Throwable cause) {
    super(code + " " + message, cause);
  }

  /** The same with the cluster in which it was refused. */
  MigrationRefused in(String cluster) {
    String said = String.valueOf(getMessage());
    int behindCode = said.indexOf(' ') + 1;
    return new MigrationRefused(
        said.substring(0, behindCode).strip(), cluster + ": " + said.substring(behindCode), this);
  }
}
