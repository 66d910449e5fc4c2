package io.selvage.doctor.evidence;

/**
 * What the API server says of a right (SubjectAccessReview).
 *
 * @param user such as {@code system:serviceaccount:istio-system:istiod}
 * @param group of the resource
 * @param namespace empty for the whole cluster
 * @param name of the only object that is meant; empty for all
 * @param reason as the API server gives it
 */
public record AccessAnswer(
    String user,
    String verb,
    String group,
    String resource,
    String namespace,
    String name,
    boolean allowed,
    String reason) {}
