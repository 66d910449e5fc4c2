package io.selvage.model;

/** A host as Istio's networking API names one or many: whole, {@code *.suffix}, or {@code *}. */
final class HostPattern {
  private HostPattern() {}

  /** Whether a pattern stands for a host, or for all hosts of another pattern. */
  static boolean covers(String pattern, String host) {
    return pattern.startsWith("*") ? host.endsWith(pattern.substring(1)) : pattern.equals(host);
  }
}
