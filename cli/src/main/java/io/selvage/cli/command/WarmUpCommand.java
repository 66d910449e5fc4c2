package io.selvage.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.rehearsal.ApiServer;
import io.selvage.cli.rehearsal.ControlRehearsal;
import io.selvage.cli.rehearsal.MeshRehearsal;
import io.selvage.cli.rehearsal.PlayedCluster;
import io.selvage.cli.rehearsal.ProxyRehearsal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
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
    /** A control plane of a Kubernetes cluster. */
    CONTROL,
    /** What is around it, in a process of its own. */
    CLUSTER,
    /** The doctor on a Kubernetes cluster: the client for it is more than the doctor itself. */
    DOCTOR
  }

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "WHAT",
      description = "mesh, proxy, control, cluster or doctor")
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
            case CONTROL -> ControlRehearsal.run(WarmUpCommand::selvage);
            case CLUSTER -> {
              PlayedCluster.play(
                  new BufferedReader(new InputStreamReader(System.in, UTF_8)),
                  spec.commandLine().getOut(),
                  clock,
                  random);
              yield 0;
            }
            case DOCTOR -> doctor(clock, random);
          };
      if (rehearsed != Rehearsed.CLUSTER) {
        SelvageCommand.print(spec, answered + " times all was as it should be");
      }
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

  private static void selvage(PrintWriter out, String[] line) {
    SelvageCommand.commandLine().setOut(out).execute(line);
  }
}
