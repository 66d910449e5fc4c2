package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage grpc-bootstrap}. */
@Command(
    name = "grpc-bootstrap",
    description = {
      "Print the bootstrap with which an unchanged gRPC client or server joins the mesh without a"
          + " proxy.",
      "Name its file in GRPC_XDS_BOOTSTRAP; `selvage grpc-agent` writes it, too, and must run"
          + " beside the program."
    })
final class GrpcBootstrapCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private GrpcNode node;

  @Override
  public Integer call() {
    SelvageCommand.print(spec, node.bootstrap().json().stripTrailing());
    return ExitCode.OK;
  }
}
