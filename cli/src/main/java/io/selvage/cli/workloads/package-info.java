/**
 * {@code workloads.yaml}: {@link io.selvage.cli.workloads.WorkloadSpec} is what an entry says,
 * {@link io.selvage.cli.workloads.WorkloadsFile} reads the file and says where it is wrong, with
 * {@link io.selvage.cli.workloads.YamlFields} for the steps inside a document.
 */
@NullMarked
package io.selvage.cli.workloads;

import org.jspecify.annotations.NullMarked;
