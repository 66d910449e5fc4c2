package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.agent.Agent;
import io.selvage.cli.agent.JoinedWorkload;
import io.selvage.cli.agent.ProxyCommandLine;
import io.selvage.cli.agent.ProxyProcess;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.state.WorkloadEntry;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage agent WORKLOAD -- envoy}. */
@Command(
    name = "agent",
    description = {
      "Stand beside an Envoy that is a workload's proxy, and start it.",
      "%nThe workload has `proxy: external` in workloads.yaml. The agent makes its key, has it"
          + " certified and renews it, and gives Envoy both by SDS and its configuration by ADS."
          + " The key is in no file. Without a bootstrap in its command, Envoy gets that of"
          + " `selvage envoy-bootstrap`:%n",
      "  selvage agent web -- envoy",
      "%nThe command runs in the workload's network as the proxy's user, 1337, who must be able to"
          + " run it; without a command the agent only serves."
    },
    footer =
        "%nExit status: the command's own; 2 no such workload; 4 no such mesh runs, or the machine"
            + " refuses something; 5 there is no certificate in time.")
final class AgentCommand implements Callable<Integer> {

  private static final Duration FIRST = Duration.ofSeconds(20);

  @Spec private CommandSpec spec;

  @Mixin private MeshChoice choice;

  @Option(
      names = "--socket",
      paramLabel = "FILE",
      description = "Where Envoy finds the agent, in a folder of its own.")
  private @Nullable Path socket;

  @Option(
      names = "--state-of-the-world",
      description = "Envoy's own bootstrap speaks the older variant of xDS.")
  private boolean whole;

  @Option(
      names = "--certificate-life",
      paramLabel = "DURATION",
      description = "Asked of the CA, such as PT1H; without it, as the CA likes (a day).")
  private Duration life = Duration.ZERO;

  @Parameters(index = "0", paramLabel = "WORKLOAD", description = "NAME or NAMESPACE/NAME.")
  private String workload;

  @Parameters(index = "1..*", paramLabel = "CMD", description = "Envoy's command line.")
  private List<String> command = List.of();

  @Override
  public Integer call() throws InterruptedException {
    LogRouting.toStandardError(Level.WARN);
    var mesh = choice.mesh();
    var found = choice.workload(mesh, workload);
    var joined = JoinedWorkload.of(mesh, found, MeshChoice.directory());
    Path at = joined.socket(socket);
    var settings =
        new Agent.Settings(at, joined.user(), life, InstantSource.system(), new SecureRandom());
    try (var agent = Agent.start(settings, joined.inviter())) {
      Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "selvage-agent-stop"));
      WorkloadCertificate held = first(agent);
      SelvageCommand.print(
          spec,
          "certificate of %s until %s; the proxy finds its agent at %s"
              .formatted(held.spiffeId(), held.notAfter(), at));
      if (command.isEmpty()) {
        new CountDownLatch(1).await();
      }
      var line = ProxyCommandLine.of(command, joined.bootstrap(at, whole), at, joined.user());
      var entry =
          WorkloadEntry.of(
              found, mesh.isolation().mode(), Container.PROXY, line, OptionalLong.of(mesh.pid()));
      try (var proxy = ProxyProcess.start(entry, joined.user())) {
        Runtime.getRuntime().addShutdownHook(new Thread(proxy::close, "selvage-proxy-stop"));
        return proxy.await();
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, String.valueOf(e.getMessage()));
    }
  }

  private static WorkloadCertificate first(Agent agent) throws InterruptedException {
    try {
      return agent.first().get(FIRST.toMillis(), TimeUnit.MILLISECONDS).certificate();
    } catch (TimeoutException | ExecutionException e) {
      throw new UserError(
          ExitCode.TIME_OUT,
          "there is no certificate after %d s: %s"
              .formatted(
                  FIRST.toSeconds(),
                  agent
                      .rotation()
                      .trouble()
                      .map(trouble -> trouble.code() + " " + trouble.message())
                      .orElse("the CA does not answer")));
    }
  }
}
