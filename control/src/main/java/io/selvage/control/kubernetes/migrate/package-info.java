/**
 * From a running Istio to Selvage: {@link io.selvage.control.kubernetes.migrate.Surveyor} looks at
 * a cluster and gives a {@link io.selvage.control.kubernetes.migrate.Survey}, of which {@link
 * io.selvage.control.kubernetes.migrate.MigrationStatus} says what is next; {@link
 * io.selvage.control.kubernetes.migrate.RootChange} and {@link
 * io.selvage.control.kubernetes.migrate.TrustDomainChange} go one guarded step at a time, {@link
 * io.selvage.control.kubernetes.migrate.SharedRootChange} in several clusters at once; {@link
 * io.selvage.control.kubernetes.migrate.Blockers} says what would be lost, of workloads too ({@link
 * io.selvage.control.kubernetes.migrate.WorkloadBlockers}).
 */
@NullMarked
package io.selvage.control.kubernetes.migrate;

import org.jspecify.annotations.NullMarked;
