package io.selvage.cli;

import io.selvage.cli.command.SelvageCommand;

/** Starts the command line. */
public final class Main {

  private Main() {}

  /** Runs one command and ends the process with its exit status. */
  public static void main(String[] args) {
    System.exit(SelvageCommand.commandLine().execute(args));
  }
}
