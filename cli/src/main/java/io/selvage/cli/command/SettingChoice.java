package io.selvage.cli.command;

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
      description = "Of the control plane (default: 1).")
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
      description = "Any setting, by the name that it has in the Helm chart's values.")
  private Map<String, String> further = Map.of();

  /**
   * What was given for one cluster, by the settings' names.
   *
   * @param context of the cluster
   */
  Map<String, String> given(Optional<String> context) {
    Map<String, String> given = new LinkedHashMap<>(further);
    put(given, "image", image);
    put(given, "replicas", replicas == null ? null : replicas.toString());
    put(given, "trustDomain", trustDomain);
    put(given, "network", network(context));
    put(given, "cluster", cluster);
    return given;
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
