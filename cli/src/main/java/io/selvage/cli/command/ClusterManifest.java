package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.install.Manifest;
import io.selvage.control.kubernetes.install.ManifestObject;
import io.selvage.control.kubernetes.install.Planner;
import io.selvage.control.kubernetes.install.Surroundings;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A manifest for a cluster that is asked; apart from the command, whose class is loaded for its
 * help.
 */
final class ClusterManifest {
  private ClusterManifest() {}

  /**
   * Its text.
   *
   * @param printed makes it of the manifest and of which objects are wanted
   */
  static String of(
      ClusterChoice clusters,
      SettingChoice settings,
      Optional<String> context,
      BiFunction<Manifest, Predicate<ManifestObject>, String> printed) {
    try (var client = ClusterConnection.open(clusters.kubeconfig(), context)) {
      Surroundings found = Surroundings.of(client, clusters.namespace());
      Manifest manifest =
          Manifest.of(
              clusters.namespace(),
              InstalledVersion.own(),
              WantedSettings.of(found, settings.given(context)),
              found.istioLabelsAreFree());
      var planner = new Planner(client);
      return printed.apply(manifest, object -> !planner.isLeftAlone(object));
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      throw new UserError(
          ExitCode.NO_ACCESS,
          ClusterRun.UNREACHABLE + " the cluster does not answer: " + ClusterRun.words(e));
    }
  }
}
