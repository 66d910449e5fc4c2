package io.selvage.xds.parse;

import io.selvage.xds.XdsType;

/**
 * One reason why a resource was refused.
 *
 * @param type of the resource
 * @param resource its name, or its position where it has none
 * @param path the field, such as {@code filter_chains[0].filters[1].typed_config.rules}; empty for
 *     the resource itself
 * @param reason what is wrong and what would be right
 */
public record ParseProblem(XdsType type, String resource, String path, String reason) {
  /** Stable code of all these problems. */
  public static final String CODE = "SLV7301";

  @Override
  public String toString() {
    return type + " " + resource + (path.isEmpty() ? "" : ": " + path) + ": " + reason;
  }
}
