package io.selvage.cli;

/**
 * A condition that the user can mend: printed as cause and next step, without a stack trace. The
 * message's first line says what is wrong; further lines say what to do.
 */
public final class UserError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /** With the exit status that the command ends with. */
  public UserError(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** One of {@link ExitCode}. */
  public int exitCode() {
    return exitCode;
  }
}
