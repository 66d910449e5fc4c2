package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.WantedFiles;
import io.selvage.cli.state.MeshState;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage apply}. */
@Command(
    name = "apply",
    description = {
      "Apply policies, after showing what they newly allow and deny.",
      "%nTo a mesh of this machine: files take the place of those of the same paths in its folder."
          + " With --context to clusters, on the server's side: Istio's kinds, the rest is left to"
          + " kubectl. Where an assertion would no longer hold (in the files, in the folder, or in"
          + " a cluster's ConfigMap selvage-assertions) nothing is applied.%n",
      "  selvage apply -f change/",
      "  selvage apply -f mesh/ --context east --dry-run"
    },
    footer =
        "%nExit status: 0 applied, or nothing to do; 1 refused, since an assertion would no longer"
            + " hold or the API server says so; 2 the input is wrong; 3 what it does is not"
            + " decided; 4 no mesh runs; 130 not agreed to.")
final class ApplyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private ConsentChoice consent;
  @Mixin private ProveChoice proof;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "DIR",
      required = true,
      description = "A folder or file of YAML; may be given many times.")
  private List<Path> files;

  @Option(
      names = {"--mesh", "--name"},
      paramLabel = "NAME",
      description = "The mesh of this machine, when several run.")
  private @Nullable String mesh;

  @Option(
      names = "--force",
      description = "Also where assertions would no longer hold, or it isn't decided what it does.")
  private boolean force;

  @Option(
      names = "--force-conflicts",
      description = "In clusters: set also fields that others have set to something else.")
  private boolean takesOver;

  @Override
  public Integer call() {
    var wanted = new WantedFiles(files);
    if (wanted.byPath().isEmpty()) {
      throw new UserError(ExitCode.USAGE, "there is no YAML in " + wanted.label());
    }
    if (clusters.isNamed() && mesh != null) {
      throw new UserError(ExitCode.USAGE, "either --mesh or --context, not both");
    }
    try (ApplyTarget target =
        clusters.isNamed()
            ? ClusterTarget.of(clusters, wanted, takesOver)
            : new FolderTarget(folder(), wanted)) {
      return run(target);
    }
  }

  /** Applies to a mesh, by what was chosen. */
  int run(ApplyTarget target) {
    return new ApplyRun(spec, consent, proof, force).run(target);
  }

  private Path folder() {
    MeshState state = MeshChoice.directory().find(mesh);
    if (state.folder().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, "mesh %s has no folder of its own".formatted(state.mesh()));
    }
    return Path.of(state.folder());
  }
}
