package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.VersionInfo;

/** Of the Kubernetes API server. */
final class ServerVersion {
  private ServerVersion() {}

  /** {@code n} of 1.{@code n}; 0 when it doesn't say. */
  static int minor(KubernetesClient client) {
    VersionInfo version = client.getKubernetesVersion();
    String minor = version == null ? null : version.getMinor();
    String digits = minor == null ? "" : minor.replaceAll("[^0-9].*", "");
    return digits.isEmpty() || digits.length() > 4 ? 0 : Integer.parseInt(digits);
  }
}
