package io.selvage.doctor.kubernetes;

/**
 * What our own user needs to look at something.
 *
 * @param verb such as {@code list}
 * @param resource with its group where it has one: {@code leases.coordination.k8s.io}; or a path
 * @param subresource empty for none
 * @param namespace empty for the whole cluster
 */
record Right(String verb, String resource, String subresource, String namespace) {
  /** As {@code kubectl auth can-i} takes it. */
  @Override
  public String toString() {
    if (resource.startsWith("/")) {
      return verb + " " + resource;
    }
    return verb
        + " "
        + resource
        + (subresource.isEmpty() ? "" : " --subresource=" + subresource)
        + (namespace.isEmpty() ? " -A" : " -n " + namespace);
  }
}
