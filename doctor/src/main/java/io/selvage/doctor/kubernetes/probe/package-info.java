/**
 * Probes in a Kubernetes cluster. Reading order: {@link
 * io.selvage.doctor.kubernetes.probe.KubernetesProber}, {@code ProbeNamespace} (what is made, and
 * removed), {@code PodExec}, then the rows: {@code PrivateRows}, {@code WorkloadRows}, {@code
 * CertificateRow}, {@code InjectionRow}, {@code KeySetRow}; {@link
 * io.selvage.doctor.kubernetes.probe.LeftOvers}.
 */
@NullMarked
package io.selvage.doctor.kubernetes.probe;

import org.jspecify.annotations.NullMarked;
