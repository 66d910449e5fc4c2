/**
 * How findings are mended. Reading order: {@link io.selvage.doctor.fix.Mends} (what a check
 * offers), {@link io.selvage.doctor.fix.Loosening} (what is never done), {@link
 * io.selvage.doctor.fix.ClusterHand} (a cluster, tried and changed), {@link
 * io.selvage.doctor.fix.FixPlan} (what would come of it), {@link io.selvage.doctor.fix.FixRun} (it
 * is done, noted, and looked at again), {@link io.selvage.doctor.fix.FixJournal} (what undo needs).
 */
@NullMarked
package io.selvage.doctor.fix;

import org.jspecify.annotations.NullMarked;
