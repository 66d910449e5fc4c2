package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import java.io.PrintWriter;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code selvage}: the options that every command knows, and the commands. */
@Command(
    name = "selvage",
    description = "Security of a service mesh: identities, mTLS and policies in Istio's API.",
    footer = {
      "%nExit status: 0 fine; 1 something needs a look, or an expectation does not hold; 2 wrong"
          + " command line or file; 3 something could not be looked at; 4 no such mesh, or no"
          + " right; 5 it took too long; 70 a mistake of Selvage's own; 130 stopped.",
      "%n`selvage COMMAND --help` says more of each."
    },
    versionProvider = VersionCommand.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      ExecCommand.class,
      StatusCommand.class,
      CertsCommand.class,
      WhyCommand.class,
      ProveCommand.class,
      ApplyCommand.class,
      LogsCommand.class,
      IstioctlCommand.class,
      ProxyCommand.class,
      CaptureCommand.class,
      SidecarCommand.class,
      AgentCommand.class,
      EnvoyBootstrapCommand.class,
      GrpcBootstrapCommand.class,
      GrpcAgentCommand.class,
      InviteCommand.class,
      InstallCommand.class,
      UpgradeCommand.class,
      UninstallCommand.class,
      ManifestCommand.class,
      ControlCommand.class,
      RemoteSecretCommand.class,
      InjectCommand.class,
      MigrateCommand.class,
      DoctorCommand.class,
      UndoCommand.class,
      HttpbinCommand.class,
      ExplainCommand.class,
      VersionCommand.class,
      CompletionCommand.class,
      CompleteCommand.class,
      WarmUpCommand.class,
      CommandLine.HelpCommand.class
    })
public final class SelvageCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and end.")
  private boolean unusedSinceTheVersionIsShownBefore;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      scope = ScopeType.INHERIT,
      description = "Colour: auto, always or never (NO_COLOR is respected).")
  private Style.When colour = Style.When.AUTO;

  /** The parsed command line, ready to {@code execute}. */
  public static CommandLine commandLine() {
    var line = new CommandLine(new SelvageCommand());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    aired(line);
    line.setExitCodeExceptionMapper(
        e ->
            switch (e) {
              case UserError user -> user.exitCode();
              case CommandLine.ParameterException _ -> ExitCode.USAGE;
              case InterruptedException _ -> ExitCode.INTERRUPTED;
              default -> ExitCode.INTERNAL;
            });
    line.setExecutionExceptionHandler(
        (e, command, _) -> {
          report(e, command.getErr());
          return command.getExitCodeExceptionMapper().getExitCode(e);
        });
    return line;
  }

  /** Gives every command its --help, with blank lines between what it is and what it takes. */
  private static void aired(CommandLine line) {
    line.getCommandSpec().usageMessage().parameterListHeading("%n").optionListHeading("%n");
    line.getCommandSpec().usageMessage().commandListHeading("%nCommands:%n");
    if (!(line.getCommandSpec().userObject() instanceof CommandLine.HelpCommand)) {
      line.getCommandSpec()
          .addOption(
              OptionSpec.builder("-h", "--help")
                  .type(boolean.class)
                  .usageHelp(true)
                  .description("Show this and end.")
                  .build());
    }
    line.getSubcommands().values().forEach(SelvageCommand::aired);
  }

  private static void report(Exception e, PrintWriter err) {
    if (e instanceof UserError) {
      err.println("selvage: " + e.getMessage());
    } else if (!(e instanceof InterruptedException)) {
      err.println("selvage: a mistake of Selvage's own, please report it:");
      e.printStackTrace(err);
    }
    err.flush();
  }

  /** How the command that {@code spec} belongs to shall look on standard output. */
  static Style style(CommandSpec spec) {
    var root = (SelvageCommand) spec.root().userObject();
    return Style.of(root.colour, System.getenv(), Boolean.getBoolean("selvage.terminal"));
  }

  /** How wide the output may be. */
  static Page page() {
    return Page.of(System.getenv(), Boolean.getBoolean("selvage.terminal"));
  }

  /** Prints {@code lines} to the command's standard output. */
  static void print(CommandSpec spec, String... lines) {
    var out = spec.commandLine().getOut();
    Arrays.stream(lines).forEach(out::println);
    out.flush();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
