package io.selvage.doctor;

/**
 * An object that a result is about.
 *
 * @param kind such as {@code AuthorizationPolicy}
 * @param namespace empty for what is of the whole cluster
 */
public record ObjectRef(String kind, String namespace, String name) {
  /** {@code kind namespace/name}. */
  @Override
  public String toString() {
    return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
  }
}
