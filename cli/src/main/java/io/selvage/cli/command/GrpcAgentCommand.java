package io.selvage.cli.command;

import io.selvage.ca.client.CertificateClient;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.grpc.GrpcAgent;
import io.selvage.cli.grpc.GrpcBootstrap;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.state.Invitation;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage grpc-agent}: beside one program that speaks xDS itself. */
@Command(
    name = "grpc-agent",
    description = {
      "Stand beside a gRPC program that joins the mesh without a proxy: get and renew its"
          + " certificate, keep it as files, and pass its xDS on to the control plane.",
      "With a COMMAND, run that with GRPC_XDS_BOOTSTRAP set, and end with it."
    },
    footer = "%nExit status: the COMMAND's own; 5 no certificate came in a minute.")
final class GrpcAgentCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Spec private CommandSpec spec;
  @Mixin private GrpcNode node;

  @Option(names = "--ca", paramLabel = "HOST:PORT", description = "Who certifies (Istio's CA API).")
  private String authority = "";

  @Option(
      names = "--control-plane",
      paramLabel = "HOST:PORT",
      description = "Who configures (ADS over mTLS).")
  private String controlPlane = "";

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      description = "The name in both servers' certificates (default ${DEFAULT-VALUE}).")
  private String serverName = "istiod.istio-system.svc";

  @Option(names = "--roots", paramLabel = "FILE", description = "By which both are known, PEM.")
  private Path roots = Path.of("");

  @Option(
      names = "--token",
      paramLabel = "FILE",
      description = "Proves who it is, to the CA; read anew each time.")
  private Path token = Path.of("");

  @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The program.")
  private List<String> command = List.of();

  @Override
  public Integer call() throws InterruptedException {
    LogRouting.toStandardError(Level.INFO);
    try (GrpcAgent agent = GrpcAgent.start(settings())) {
      Thread stop = new Thread(agent::close, "selvage-grpc-agent-stop");
      Runtime.getRuntime().addShutdownHook(stop);
      awaitCertificate(agent);
      SelvageCommand.print(spec, "GRPC_XDS_BOOTSTRAP=" + agent.bootstrapFile());
      if (command.isEmpty()) {
        new CountDownLatch(1).await();
      }
      return run(agent);
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, String.valueOf(e.getMessage()));
    }
  }

  private int run(GrpcAgent agent) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("GRPC_XDS_BOOTSTRAP", agent.bootstrapFile().toString());
    Process program = builder.start();
    try {
      return program.waitFor();
    } finally {
      program.destroy();
    }
  }

  private static void awaitCertificate(GrpcAgent agent) throws InterruptedException {
    try {
      agent.ready().orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        String why =
            agent.rotation().trouble().map(trouble -> trouble.message()).orElse("no answer");
        throw new UserError(ExitCode.TIME_OUT, "no certificate came in " + LIMIT + ": " + why);
      }
      throw e;
    }
  }

  private GrpcAgent.Settings settings() throws IOException {
    Optional<Invitation> invited = node.invitation();
    GrpcBootstrap bootstrap = node.bootstrap();
    TrustBundle known = known(invited);
    HostPort ca = HostPort.parse("--ca", invited.map(Invitation::ca).orElse(authority));
    HostPort control =
        HostPort.parse("--control-plane", invited.map(Invitation::discovery).orElse(controlPlane));
    String name = invited.map(Invitation::serverName).orElse(serverName);
    var clock = InstantSource.system();
    var random = new SecureRandom();
    return new GrpcAgent.Settings(
        bootstrap,
        new CertificateClient(
            CertificateClient.Settings.of(
                ca.host(),
                ca.port(),
                name,
                bootstrap.metadata().getOrDefault(Invitation.CLUSTER_ID, "")),
            () -> known,
            () -> token(invited),
            Thread::sleep,
            clock,
            random),
        control.host(),
        control.port(),
        name,
        known,
        clock,
        random);
  }

  private TrustBundle known(Optional<Invitation> invited) throws IOException {
    try {
      return TrustBundle.parse(
          invited.isPresent() ? invited.get().roots() : Files.readString(roots));
    } catch (PkiException e) {
      throw new UserError(
          ExitCode.USAGE, "--roots holds no certificate: %s".formatted(e.getMessage()));
    }
  }

  private Optional<String> token(Optional<Invitation> invited) {
    try {
      return Optional.of(
          invited.isPresent() ? invited.get().token() : Files.readString(token).strip());
    } catch (IOException e) {
      return Optional.empty(); // then the certificate at hand speaks
    }
  }

  /** A place on the network. */
  private record HostPort(String host, int port) {
    static HostPort parse(String option, String text) {
      int colon = text.lastIndexOf(':');
      try {
        return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw new UserError(ExitCode.USAGE, option + " is HOST:PORT, not " + text);
      }
    }
  }
}
