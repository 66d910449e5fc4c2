/**
 * What became of each connection and request, said once and to three listeners.
 *
 * <p>Read {@link io.selvage.proxy.telemetry.ConnectionRecord} and {@link
 * io.selvage.proxy.telemetry.RequestRecord} (filled while open, completed exactly once), {@link
 * io.selvage.proxy.telemetry.Reporting} (who hears of it), then the three: {@link
 * io.selvage.proxy.telemetry.AccessLog}, {@link io.selvage.proxy.telemetry.MeshMetrics} and {@link
 * io.selvage.proxy.telemetry.DenialRing}.
 */
@NullMarked
package io.selvage.proxy.telemetry;

import org.jspecify.annotations.NullMarked;
