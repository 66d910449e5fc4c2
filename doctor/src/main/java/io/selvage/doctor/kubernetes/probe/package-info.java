/**
 * Probes in a Kubernetes cluster. Reading order: {@link
 * io.selvage.doctor.kubernetes.probe.KubernetesProber}, {@code ProbeNamespace} (what is made, and
 * removed), {@code PodExec}, then the rows that only a cluster has: {@code CertificateRow}, {@code
 * InjectionRow}; {@link io.selvage.doctor.kubernetes.probe.LeftOvers}.
 */
@NullMarked
package io.selvage.doctor.kubernetes.probe;

import org.jspecify.annotations.NullMarked;
