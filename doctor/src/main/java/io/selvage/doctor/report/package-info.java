/**
 * A diagnosis in the forms that programs and browsers read; the form for terminals is the command
 * line's. All carry the same findings. Reading order: {@link io.selvage.doctor.report.JsonReport}
 * (the contract, {@code docs/schema/doctor-v1.json}), then any.
 */
@NullMarked
package io.selvage.doctor.report;

import org.jspecify.annotations.NullMarked;
