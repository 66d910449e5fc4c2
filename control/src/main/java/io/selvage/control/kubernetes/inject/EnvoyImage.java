package io.selvage.control.kubernetes.inject;

import java.util.regex.Pattern;

/**
 * Istio's own image of a sidecar, which manifests pin: {@code proxyv2}, {@code istio-proxyv2-rhel9}
 * of OpenShift. It holds an Envoy and Istio's agent, and no {@code selvage} that could be started.
 */
final class EnvoyImage {
  private static final Pattern NAME = Pattern.compile("(istio-)?proxyv2(-.+)?");

  static final String PASSED_OVER = "'%s' has an Envoy and no Selvage in it; it is passed over";

  private EnvoyImage() {}

  /** Whether an image, {@code HOST/PATH/NAME:TAG@DIGEST}, is one by the last part of its path. */
  static boolean is(String image) {
    String untold = image.replaceFirst("@.*", "");
    String last = untold.substring(untold.lastIndexOf('/') + 1);
    return NAME.matcher(last.replaceFirst(":.*", "")).matches();
  }
}
