package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.control.kubernetes.install.EastWestGateway;
import io.selvage.control.kubernetes.install.Manifest;
import io.selvage.control.kubernetes.install.ManifestObject;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage manifest}. */
@Command(
    name = "manifest",
    description = {
      "Print what `selvage install` would apply, as YAML.",
      "%nNo cluster is asked, unless --context names one: then its settings are taken, and what is"
          + " left to an Istio that is there is left out."
    })
final class ManifestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private SettingChoice settings;

  @Option(
      names = "--crds",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "With the CustomResourceDefinitions (default); --no-crds leaves them out.")
  private boolean definitions = true;

  @Option(
      names = "--crds-only",
      description =
          "Print the CustomResourceDefinitions alone, which Helm does not change once they are"
              + " there.")
  private boolean definitionsOnly;

  @Option(
      names = "--gateway",
      description =
          "Print the gateway by which --network is reached from other networks instead, and what it"
              + " exposes.")
  private boolean gateway;

  @Override
  public Integer call() {
    LogRouting.toStandardError(Level.ERROR);
    if (clusters.contexts().size() > 1) {
      throw new UserError(ExitCode.USAGE, "a manifest is for one cluster: give one --context");
    }
    if (definitionsOnly && (gateway || !definitions)) {
      throw new UserError(
          ExitCode.USAGE, "--crds-only prints nothing but what --gateway and --no-crds leave out");
    }
    boolean named = clusters.isNamed();
    spec.commandLine().getOut().print(named ? ofCluster() : ofNone());
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private String ofCluster() {
    return ClusterManifest.of(clusters, settings, clusters.contexts().getFirst(), this::printed);
  }

  /** Where nobody looks, Istio's labels are left to an Istio that may be there. */
  private String ofNone() {
    return printed(
        Manifest.of(
            clusters.namespace(),
            InstalledVersion.own(),
            WantedSettings.ofNone(settings.given(Optional.empty())),
            false),
        _ -> true);
  }

  private String printed(Manifest manifest, Predicate<ManifestObject> wanted) {
    if (definitionsOnly) {
      return manifest.definitionsYaml(wanted);
    }
    if (!gateway) {
      return manifest.yaml(wanted, definitions);
    }
    if (manifest.settings().network().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, "--gateway is for one network among several: name it with --network");
    }
    return EastWestGateway.yaml(manifest, wanted);
  }
}
