/** What a page of figures says: {@link io.selvage.doctor.metrics.PrometheusText}. */
@NullMarked
package io.selvage.doctor.metrics;

import org.jspecify.annotations.NullMarked;
