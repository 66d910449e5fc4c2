package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.rehearsal.MeshRehearsal;
import io.selvage.cli.rehearsal.ProxyRehearsal;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
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
    PROXY
  }

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "WHAT", description = "mesh or proxy")
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
          };
      SelvageCommand.print(spec, answered + " requests answered as the policy has it");
      return ExitCode.OK;
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the rehearsal fails: " + e.getMessage());
    }
  }
}
