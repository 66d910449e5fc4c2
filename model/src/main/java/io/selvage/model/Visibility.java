package io.selvage.model;

import java.util.List;

/** Istio's {@code exportTo}: which namespaces may see a networking resource. */
final class Visibility {
  private Visibility() {}

  static boolean allows(List<String> exportTo, String owner, String viewer) {
    if (exportTo.isEmpty()) {
      return true;
    }
    for (String entry : exportTo) {
      if (entry.equals("*") || entry.equals(viewer)) {
        return true;
      }
      if (entry.equals(".") && owner.equals(viewer)) {
        return true;
      }
    }
    return false;
  }
}
