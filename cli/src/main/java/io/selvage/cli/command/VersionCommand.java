package io.selvage.cli.command;

import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage version}. */
@Command(name = "version", description = "Print the version of Selvage and of its Java.")
final class VersionCommand implements Runnable, IVersionProvider {

  @Spec private CommandSpec spec;

  @Override
  public String[] getVersion() {
    String version =
        Objects.requireNonNullElse(
            VersionCommand.class.getPackage().getImplementationVersion(), "(not packaged)");
    return new String[] {
      "selvage " + version,
      "Java " + Runtime.version() + ", " + System.getProperty("java.vendor", "unknown vendor")
    };
  }

  @Override
  public void run() {
    SelvageCommand.print(spec, getVersion());
  }
}
