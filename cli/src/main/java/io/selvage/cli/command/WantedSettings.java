package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.Surroundings;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The settings of a cluster: what is given on top of what it was installed with. */
final class WantedSettings {
  private static final int LONGEST_ID = 63;
  private static final String CLUSTER = "cluster";

  private WantedSettings() {}

  /** Of one cluster by itself. */
  static InstallSettings of(Surroundings found, Map<String, String> given) {
    return with(installed(found), given);
  }

  /**
   * Of one of several clusters, each of which has another id: its context's name, unless it has
   * one.
   */
  static InstallSettings ofOneOfSeveral(
      Surroundings found, Map<String, String> given, String context) {
    if (given.containsKey(CLUSTER)) {
      throw new UserError(
          ExitCode.USAGE,
          "--cluster-id names one cluster, and there are several: leave it out, and each is called"
              + " as its context");
    }
    InstallSettings before = installed(found);
    Map<String, String> all = new LinkedHashMap<>(given);
    if (before.cluster().equals(InstallSettings.DEFAULTS.cluster())) {
      all.put(CLUSTER, id(context));
    }
    return with(before, all);
  }

  /** Of a cluster that nobody looked at. */
  static InstallSettings ofNone(Map<String, String> given) {
    return with(InstallSettings.DEFAULTS, given);
  }

  private static InstallSettings installed(Surroundings found) {
    Optional<Surroundings.Installed> there = found.installed();
    return there.map(Surroundings.Installed::settings).orElse(InstallSettings.DEFAULTS);
  }

  private static InstallSettings with(InstallSettings before, Map<String, String> given) {
    try {
      InstallSettings settings = before;
      for (var each : given.entrySet()) {
        settings = settings.with(each.getKey(), each.getValue());
      }
      return settings.checked();
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /** A context's name as a cluster's id: what no DNS label may have becomes a hyphen. */
  private static String id(String context) {
    String id = context.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    return id.substring(Math.max(0, id.length() - LONGEST_ID)).replaceAll("^-+|-+$", "");
  }
}
