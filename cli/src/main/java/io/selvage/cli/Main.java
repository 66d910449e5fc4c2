package io.selvage.cli;

import io.selvage.cli.command.SelvageCommand;
import io.selvage.pki.NativeCrypto;

/** Starts the command line. */
public final class Main {

  /** A system property: {@code true} where the launcher knows that the process is a short one. */
  private static final String NATIVE = "selvage.nativeCrypto";

  private Main() {}

  /** Runs one command and ends the process with its exit status. */
  public static void main(String[] args) {
    if (Boolean.getBoolean(NATIVE)) {
      NativeCrypto.forAll();
    }
    System.exit(SelvageCommand.commandLine().execute(args));
  }
}
