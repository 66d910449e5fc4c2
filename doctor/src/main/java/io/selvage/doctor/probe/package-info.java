/**
 * Requests of the doctor's own ({@code --probe}). Reading order: {@link
 * io.selvage.doctor.probe.Prober} (what sends them), {@link io.selvage.doctor.probe.ProbeTarget}
 * (whom), {@link io.selvage.doctor.probe.CurlAnswer} (what came), {@link
 * io.selvage.doctor.probe.PathSpelling}, {@link io.selvage.doctor.probe.ServedChain}, {@link
 * io.selvage.doctor.probe.ProbeFindings} (what becomes evidence).
 */
@NullMarked
package io.selvage.doctor.probe;

import org.jspecify.annotations.NullMarked;
