package io.selvage.model;

/** A Kubernetes {@code v1.Namespace}; its labels decide on injection. */
public record Namespace(ObjectMeta meta) implements Resource {}
