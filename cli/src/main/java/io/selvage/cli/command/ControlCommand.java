package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.cli.memory.OldGeneration;
import io.selvage.control.admin.MonitoringServer;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.KubernetesMesh;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.control.kubernetes.Readiness;
import io.selvage.control.kubernetes.lease.Leadership;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage control}: a Kubernetes cluster's control plane and CA. */
@Command(
    name = "control",
    description = {
      "Run the control plane and the CA of a Kubernetes cluster.",
      "%nIstio's resources, Services, Pods and ServiceAccounts are read from the cluster's API;"
          + " proxies join with their Pod's projected ServiceAccount token (audience istio-ca)."
          + " What is missing is told, and waited for."
    },
    footer = {
      "%nExit status: 2 the command line or the kubeconfig is wrong; 4 a port cannot be had;"
          + " 130 and 143 stopped by Ctrl-C and by SIGTERM."
    })
final class ControlCommand implements Callable<Integer> {
  /** Its Pod's name, where it runs in one. */
  private static final Optional<String> POD = Optional.ofNullable(System.getenv("POD_NAME"));

  private static final Duration RETRY = Duration.ofSeconds(2);

  @Spec private CommandSpec spec;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Of the kubeconfig (default: its current one).")
  private @Nullable String context;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it, or the Pod's own ServiceAccount.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "The control plane's own (${DEFAULT-VALUE}).")
  private String namespace = "istio-system";

  @Option(
      names = "--cluster",
      paramLabel = "ID",
      description = "The cluster's id in the mesh (${DEFAULT-VALUE}).")
  private String cluster = "Kubernetes";

  @Option(
      names = "--address",
      paramLabel = "IP",
      description = "Where to listen (${DEFAULT-VALUE}).")
  private String address = "0.0.0.0";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Of ADS and the CA, over TLS; 0 for a free one (${DEFAULT-VALUE}).")
  private int port = 15012;

  @Option(
      names = "--webhook-port",
      paramLabel = "PORT",
      description =
          "Of the API server's admission webhooks, over TLS; 0 for a free one (${DEFAULT-VALUE}).")
  private int webhookPort = 15017;

  @Option(
      names = "--ready-port",
      paramLabel = "PORT",
      description = "Of /ready and /healthz; 0 for a free one (${DEFAULT-VALUE}).")
  private int readyPort = 8080;

  @Option(
      names = "--monitoring-port",
      paramLabel = "PORT",
      description =
          "Of /metrics, and by loopback of istiod's /debug pages; 0 for a free one"
              + " (${DEFAULT-VALUE}).")
  private int monitoringPort = 15014;

  @Option(
      names = "--tokens",
      paramLabel = "HOW",
      description = {
        "jwks: judge ServiceAccount tokens by the cluster's published keys, and ask it only where"
            + " the watches don't know the Pod; review: ask it each time (${DEFAULT-VALUE})."
      })
  private TokenCheck tokens = TokenCheck.JWKS;

  @Option(
      names = "--shutdown-duration",
      paramLabel = "SECONDS",
      description =
          "How long to serve on, no longer ready, when told to end: until nobody is sent here any"
              + " more (in a Pod 5, else 0); less than the Pod's grace period.")
  private int shutdown = POD.isPresent() ? 5 : 0;

  @ArgGroup(exclusive = false, order = 1, heading = "%nSidecars:%n")
  private InjectionOptions injection = new InjectionOptions();

  @ArgGroup(
      exclusive = false,
      order = 2,
      heading = "%nSidecars, where their Pods' annotations say nothing else:%n")
  private ProxyOptions proxy = new ProxyOptions();

  @Override
  public Integer call() throws InterruptedException {
    LogRouting.toStandardError(Level.INFO);
    var sidecars = injection.choices(proxy.defaults());
    var clock = InstantSource.system();
    try (var client =
            ClusterConnection.open(Optional.ofNullable(kubeconfig), Optional.ofNullable(context));
        var readiness = listen();
        var mesh =
            new KubernetesMesh(
                client,
                new KubernetesMesh.Settings(
                    cluster,
                    namespace,
                    at(port),
                    at(webhookPort),
                    tokens,
                    replica(),
                    sidecars,
                    Leadership.Times.DEFAULT,
                    RETRY),
                MeshStart.keys(),
                readiness,
                clock,
                new SecureRandom());
        var monitoring = monitor(mesh);
        var _ = OldGeneration.watch()) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(readiness, mesh), "selvage-stop"));
      mesh.reviewing(ProvedChanges::new);
      SelvageCommand.print(
          spec,
          "readiness at port %d, metrics at port %d"
              .formatted(readiness.port(), monitoring.port()));
      serve(mesh);
      new CountDownLatch(1).await();
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /** Whoever was sent here before the others knew is still answered. */
  private void end(Readiness readiness, KubernetesMesh mesh) {
    try {
      if (readiness.ends()) {
        TimeUnit.SECONDS.sleep(shutdown);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    mesh.close();
  }

  private void serve(KubernetesMesh mesh) throws InterruptedException {
    try {
      mesh.run().ifPresent(at -> SelvageCommand.print(spec, "ready: ADS and the CA at port " + at));
    } catch (IOException e) {
      throw new UserError(
          ExitCode.NO_ACCESS, "the control plane does not start: " + e.getMessage());
    }
  }

  private Readiness listen() {
    try {
      return Readiness.serve(at(readyPort), "its start");
    } catch (IOException e) {
      throw new UserError(
          ExitCode.NO_ACCESS, "port %d cannot be had: %s".formatted(readyPort, e.getMessage()));
    }
  }

  private MonitoringServer monitor(KubernetesMesh mesh) {
    try {
      return MonitoringServer.start(at(monitoringPort), mesh::plane);
    } catch (IOException e) {
      throw new UserError(
          ExitCode.NO_ACCESS,
          "port %d cannot be had: %s".formatted(monitoringPort, e.getMessage()));
    }
  }

  private InetSocketAddress at(int which) {
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(address), which);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, "--address " + address + " is no IP address");
    }
  }

  /** The Pod's name, or something as good. */
  private static String replica() {
    return POD.orElse("selvage") + "_" + UUID.randomUUID();
  }
}
