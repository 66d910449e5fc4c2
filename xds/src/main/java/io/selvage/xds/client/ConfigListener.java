package io.selvage.xds.client;

/** Who uses the configuration. Called one at a time, never from two threads at once. */
@FunctionalInterface
public interface ConfigListener {
  /**
   * Takes a configuration that is whole and differs from the last.
   *
   * @throws ConfigRejected when it can't be used; the one before stays, and the control plane is
   *     told why
   */
  void onConfig(ProxyConfig config) throws ConfigRejected;
}
