package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.install.InstallSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how an installation is to be. What is not given stays as it was. */
final class SettingChoice {
  private static final int LONGEST_ID = 63;

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
          "The network of the cluster's Pods, where clusters cannot reach one another's; may be given"
              + " for each context.")
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
   * The settings for one cluster.
   *
   * @param before what it was installed with
   * @param context of the cluster
   * @param several whether it is one of several
   */
  InstallSettings settings(InstallSettings before, Optional<String> context, boolean several) {
    Map<String, String> given = new LinkedHashMap<>(further);
    put(given, "image", image);
    put(given, "replicas", replicas == null ? null : replicas.toString());
    put(given, "trustDomain", trustDomain);
    put(given, "network", network(context));
    if (cluster != null && several) {
      throw new UserError(
          ExitCode.USAGE,
          "--cluster-id names one cluster, and there are several: leave it out, and each is called as"
              + " its context");
    }
    put(given, "cluster", cluster);
    boolean unnamed = before.cluster().equals(InstallSettings.DEFAULTS.cluster());
    if (several && unnamed) {
      given.putIfAbsent("cluster", id(context.orElseThrow()));
    }
    try {
      InstallSettings settings = before;
      for (var each : given.entrySet()) {
        settings = settings.with(each.getKey(), each.getValue());
      }
      return settings;
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
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

  /** A context's name as a cluster's id: what no label may have becomes a hyphen. */
  private static String id(String context) {
    String id = context.replaceAll("[^a-zA-Z0-9._-]", "-").replaceAll("^[^a-zA-Z0-9]+", "");
    return id.substring(Math.max(0, id.length() - LONGEST_ID)).replaceAll("^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$", "");
  }
}
