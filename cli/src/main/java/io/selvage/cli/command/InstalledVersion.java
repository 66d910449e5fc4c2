package io.selvage.cli.command;

import java.lang.module.ModuleDescriptor.Version;
import java.util.Objects;

/** Versions of Selvage, this one and those in clusters. */
final class InstalledVersion {
  /** What a Selvage that was not packaged calls itself. */
  private static final String UNPACKAGED = "dev";

  private InstalledVersion() {}

  /** Of this Selvage. */
  static String own() {
    return Objects.requireNonNullElse(
        InstalledVersion.class.getPackage().getImplementationVersion(), UNPACKAGED);
  }

  /** Whether {@code there} is newer than {@code here}; a version that says nothing is not. */
  static boolean isNewer(String there, String here) {
    try {
      return Version.parse(there).compareTo(Version.parse(here)) > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
