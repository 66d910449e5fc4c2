/**
 * Istio's and Kubernetes' resources as immutable records that know where they were written.
 *
 * <p>Read {@link io.selvage.model.Resource} and its kinds first, then {@link
 * io.selvage.model.MeshSnapshot}, which answers what applies to which workload, and last {@link
 * io.selvage.model.ResourceReader}, which makes records of YAML text and refuses what Istio would.
 */
@NullMarked
package io.selvage.model;

import org.jspecify.annotations.NullMarked;
