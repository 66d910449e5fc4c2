/**
 * Who runs where: {@link io.selvage.control.workload.WorkloadInstance}s, kept in {@link
 * io.selvage.control.workload.Workloads}, together with those of other clusters ({@link
 * io.selvage.control.workload.RemoteCluster}); the services in front of them ({@link
 * io.selvage.control.workload.MeshService}, {@link io.selvage.control.workload.ServiceRegistry}),
 * their virtual addresses and names.
 */
@NullMarked
package io.selvage.control.workload;

import org.jspecify.annotations.NullMarked;
