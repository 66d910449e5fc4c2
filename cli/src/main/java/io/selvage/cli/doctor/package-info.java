/**
 * What the doctor says on a terminal. Reading order: {@link io.selvage.cli.doctor.TextReport} (the
 * first screen), {@link io.selvage.cli.doctor.FindingText} (one finding), {@link
 * io.selvage.cli.doctor.ProgressLine} (what it does meanwhile).
 */
@NullMarked
package io.selvage.cli.doctor;

import org.jspecify.annotations.NullMarked;
