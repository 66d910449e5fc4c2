package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.operator.OperatorCertificate;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.Invitation;
import io.selvage.cli.state.MeshState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage istioctl}. */
@Command(
    name = "istioctl",
    description = {
      "Print the flags with which istioctl asks a cluster's control plane.",
      "%n  istioctl proxy-status $(selvage istioctl)",
      "%nThey name a folder with a certificate of the mesh's root namespace that is good for an"
          + " hour; whoever can read it may look into the control plane. It goes with the mesh."
    })
final class IstioctlCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;

  @Override
  public Integer call() throws InterruptedException {
    MeshState mesh = choice.mesh();
    String cluster = choice.cluster(mesh);
    var answer =
        new AdminClient(mesh)
            .ask("/v1/operator/" + cluster)
            .orElseThrow(() -> new UserError(ExitCode.USAGE, "there is no cluster " + cluster));
    var invitation = JsonMapper.shared().treeToValue(answer, Invitation.class);
    Path folder = MeshChoice.directory().path(mesh.mesh()).resolve("istioctl").resolve(cluster);
    try {
      OperatorCertificate.request(invitation, folder);
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, String.valueOf(e.getMessage()));
    }
    SelvageCommand.print(
        spec,
        "--revision default --xds-address %s --cert-dir %s --authority %s"
            .formatted(invitation.discovery(), folder.toAbsolutePath(), invitation.serverName()));
    return ExitCode.OK;
  }
}
