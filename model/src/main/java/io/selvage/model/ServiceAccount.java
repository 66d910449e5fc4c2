package io.selvage.model;

/** A Kubernetes {@code v1.ServiceAccount}: the name that a workload's identity is made of. */
public record ServiceAccount(ObjectMeta meta) implements Resource {}
