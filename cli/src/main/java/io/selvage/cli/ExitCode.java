package io.selvage.cli;

/** What the process's exit status says; the same for every command. */
public final class ExitCode {

  /** It worked and nothing is amiss. */
  public static final int OK = 0;

  /** It worked and found what was looked for: a failed expectation, a workload in trouble. */
  public static final int FINDINGS = 1;

  /** The command line or an input file is wrong. */
  public static final int USAGE = 2;

  /** Something could not be looked at. */
  public static final int INCOMPLETE = 3;

  /** No running mesh, or no right to ask it. */
  public static final int NO_ACCESS = 4;

  /** It took too long. */
  public static final int TIME_OUT = 5;

  /** A mistake of Selvage's own. */
  public static final int INTERNAL = 70;

  /** Stopped by the user. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
