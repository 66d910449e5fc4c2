package io.selvage.model;

/**
 * A reference from a policy to the Gateway, Service, ServiceEntry or GatewayClass that it is
 * attached to ({@code istio.type.v1beta1.PolicyTargetReference}).
 *
 * @param group empty for core Kubernetes kinds
 * @param namespace empty means the policy's own; Istio allows no other
 */
public record TargetRef(String group, String kind, String name, String namespace) {}
