package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.rehearsal.ApiServer;
import io.selvage.cli.rehearsal.MeshRehearsal;
import io.selvage.cli.rehearsal.ProxyRehearsal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage warm-up}: does in small what the others do, so that an AOT cache knows it. */
@Command(name = "warm-up", hidden = true, description = "Exercise what an AOT cache shall hold.")
final class WarmUpCommand implements Callable<Integer> {

  /** What there is to exercise. */
  enum Rehearsed {
    /** Control planes, CAs, proxies and the command line. */
    MESH,
    /** A process that carries one proxy. */
    PROXY,
    /** A mesh, and a control plane of a Kubernetes cluster. */
    CONTROL,
    /** The doctor on a Kubernetes cluster: the client for it is more than the doctor itself. */
    DOCTOR
  }

  private static final Duration READY_WAIT = Duration.ofMillis(50);

  /** A minute of them. */
  private static final int READY_WAITS = 1200;

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "WHAT", description = "mesh, proxy, control or doctor")
  private Rehearsed rehearsed = Rehearsed.MESH;

  @Override
  public Integer call() throws InterruptedException {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    try {
      int answered =
          switch (rehearsed) {
            case MESH -> {
              SelvageCommand.print(spec, spec.root().commandLine().getUsageMessage());
              yield MeshRehearsal.run(clock, random);
            }
            case PROXY -> ProxyRehearsal.run(clock, random);
            case CONTROL -> MeshRehearsal.run(clock, random) + control(clock, random);
            case DOCTOR -> doctor(clock, random);
          };
      SelvageCommand.print(spec, answered + " requests answered as the policy has it");
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the rehearsal fails: " + e.getMessage());
    }
  }

  /** Two diagnoses of a cluster of a few objects; each finds the selector that is misspelt. */
  private static int doctor(InstantSource clock, SecureRandom random) throws IOException {
    int found = 0;
    try (var api = ApiServer.start(clock, random)) {
      for (String form : List.of("wide", "json")) {
        var out = new StringWriter();
        int code =
            SelvageCommand.commandLine()
                .setOut(new PrintWriter(out))
                .execute(
                    "doctor",
                    "--kubeconfig",
                    api.kubeconfig().toString(),
                    "--context",
                    "rehearsal",
                    "-o",
                    form);
        if (code != ExitCode.FINDINGS || !out.toString().contains("SLV4003")) {
          throw new IOException("status %d: %s".formatted(code, out));
        }
        found++;
      }
    }
    return found;
  }

  /** A control plane of a cluster of a few objects, until it serves. */
  private static int control(InstantSource clock, SecureRandom random)
      throws IOException, InterruptedException {
    try (var api = ApiServer.start(clock, random);
        var said = new PipedWriter();
        var lines = new BufferedReader(new PipedReader(said, 1 << 16))) {
      String[] line = {
        "control",
        "--kubeconfig=" + api.kubeconfig(),
        "--context=rehearsal",
        "--address=127.0.0.1",
        "--port=0",
        "--webhook-port=0",
        "--ready-port=0",
        "--monitoring-port=0"
      };
      var out = new PrintWriter(said, true);
      Thread runs =
          Thread.ofPlatform()
              .daemon()
              .start(() -> SelvageCommand.commandLine().setOut(out).execute(line));
      try {
        awaitReady(lines, runs);
        return 1;
      } finally {
        runs.interrupt();
        runs.join();
      }
    }
  }

  private static void awaitReady(BufferedReader lines, Thread runs)
      throws IOException, InterruptedException {
    for (int waits = 0; waits < READY_WAITS; waits++) {
      while (lines.ready()) {
        if (lines.readLine().startsWith("ready: ")) {
          return;
        }
      }
      if (runs.join(READY_WAIT)) {
        break;
      }
    }
    throw new IOException("the control plane does not get ready");
  }
}
