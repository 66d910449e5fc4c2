/**
 * Istio, unchanged, at the other end of each contract: {@link io.selvage.it.istiod.Istiod} is a
 * Kubernetes API with an istiod, {@link io.selvage.it.istiod.AgentSidecar} a sidecar as Istio
 * starts it, with Istio's agent and Envoy.
 */
@NullMarked
package io.selvage.it.istiod;

import org.jspecify.annotations.NullMarked;
