package io.selvage.xds.client;

import java.util.List;

/** Why a configuration that was understood can't be used, such as a port that is taken. */
public final class ConfigRejected extends Exception {
  private static final long serialVersionUID = 1;

  /** All reasons; each names the resource, the cause and the next step. */
  public ConfigRejected(List<String> reasons) {
    super(String.join("; ", reasons));
  }
}
