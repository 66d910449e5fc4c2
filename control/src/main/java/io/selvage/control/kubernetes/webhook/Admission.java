package io.selvage.control.kubernetes.webhook;

import tools.jackson.databind.node.ObjectNode;

/** What answers the reviews of one admission webhook ({@code admission.k8s.io/v1}). */
@FunctionalInterface
public interface Admission {
  /**
   * Judges.
   *
   * <p>May be called on many threads at once. A failure refuses the object.
   *
   * @param request the review's {@code request}
   * @return the review's {@code response} but for its {@code uid}; {@link AdmissionResponse} makes
   *     one
   */
  ObjectNode review(ObjectNode request);
}
