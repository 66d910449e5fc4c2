/**
 * Requests of the doctor's own ({@code --probe}). Reading order: {@link
 * io.selvage.doctor.probe.Prober} (what sends them), {@link io.selvage.doctor.probe.ProbeTarget}
 * (whom), {@link io.selvage.doctor.probe.Asker} (who), {@link io.selvage.doctor.probe.CurlAnswer}
 * (what came), {@link io.selvage.doctor.probe.PathSpelling}, {@link
 * io.selvage.doctor.probe.ServedChain}; the rows that every mesh has: {@link
 * io.selvage.doctor.probe.PrivateRows} (in a namespace of the doctor's own), {@link
 * io.selvage.doctor.probe.WorkloadRows}, {@link io.selvage.doctor.probe.KeySetRow}; {@link
 * io.selvage.doctor.probe.ProbeFindings} (what becomes evidence).
 */
@NullMarked
package io.selvage.doctor.probe;

import org.jspecify.annotations.NullMarked;
