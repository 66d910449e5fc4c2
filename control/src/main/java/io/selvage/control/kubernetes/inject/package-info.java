/**
 * Sidecar injection, compatible in labels and annotations with Istio's: {@link
 * io.selvage.control.kubernetes.inject.InjectionPolicy} says whether a Pod gets a sidecar, {@link
 * io.selvage.control.kubernetes.inject.SidecarOptions} what its annotations ask for, {@link
 * io.selvage.control.kubernetes.inject.Injector} makes the Pod, {@link
 * io.selvage.control.kubernetes.inject.InjectionAdmission} is how the API server asks for it and
 * {@link io.selvage.control.kubernetes.inject.PodTemplates} how a file does. Pure functions over
 * JSON trees: fields that only the API server knows are kept.
 */
@NullMarked
package io.selvage.control.kubernetes.inject;

import org.jspecify.annotations.NullMarked;
