/**
 * What a control plane tells its operator: {@link io.selvage.control.admin.AdminServer} over HTTP,
 * {@link io.selvage.control.admin.ControlMetrics} for Prometheus, in the shapes of {@link
 * io.selvage.control.admin.StatusReport}.
 */
@NullMarked
package io.selvage.control.admin;

import org.jspecify.annotations.NullMarked;
