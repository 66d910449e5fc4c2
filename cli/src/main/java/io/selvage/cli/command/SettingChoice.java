package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.install.InstallSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how an installation is to be. What is not given stays as it was. */
final class SettingChoice {
  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "Of control plane and proxies (default: localhost/selvage:VERSION).")
  private @Nullable String image;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Of the control plane (default: 1); 0 leaves the number to an autoscaler.")
  private @Nullable Integer replicas;

  @Option(
      names = "--cluster-id",
      paramLabel = "ID",
      description =
          "The cluster's id in the mesh (default: Kubernetes; with several contexts each one's"
              + " name).")
  private @Nullable String cluster;

  @Option(
      names = "--network",
      paramLabel = "[CONTEXT=]NAME",
      description =
          "The network of the cluster's Pods, where clusters cannot reach one another's; may be"
              + " given for each context.")
  private List<String> networks = List.of();

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      description = "Of a mesh that is new (default: cluster.local).")
  private @Nullable String trustDomain;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = {
        "Any setting, by the name that it has in the Helm chart's values (sidecar.pullPolicy=Never);"
            + " lists with commas, all else as YAML."
      })
  private Map<String, String> further = Map.of();

  @Option(
      names = "--values",
      paramLabel = "FILE",
      description =
          "Settings as a file of the Helm chart's values; other options go before it. May be"
              + " repeated.")
  private List<Path> files = List.of();

  /**
   * What was given for one cluster, by the settings' names.
   *
   * @param context of the cluster
   * @throws UserError when a file of values cannot be read
   */
  Map<String, String> given(Optional<String> context) {
    Map<String, String> given = new LinkedHashMap<>();
    files.forEach(file -> given.putAll(read(file)));
    given.putAll(further);
    put(given, "image", image);
    put(given, "replicas", replicas == null ? null : replicas.toString());
    put(given, "trustDomain", trustDomain);
    put(given, "network", network(context));
    put(given, "cluster", cluster);
    return given;
  }

  private static Map<String, String> read(Path file) {
    try {
      return InstallSettings.named(Files.readString(file));
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, "--values %s: %s".formatted(file, e.getMessage()));
    }
  }

  private static void put(Map<String, String> given, String name, @Nullable String value) {
    if (value != null) {
      given.put(name, value);
    }
  }

  private @Nullable String network(Optional<String> context) {
    String found = null;
    for (String each : networks) {
      int equals = each.indexOf('=');
      if (equals < 0) {
        found = found == null ? each : found;
      } else if (context.isPresent() && each.substring(0, equals).equals(context.get())) {
        found = each.substring(equals + 1);
      }
    }
    return found;
  }
}
