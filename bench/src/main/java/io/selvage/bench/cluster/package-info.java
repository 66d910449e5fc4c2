/**
 * The sidecars of a large cluster, as far as a control plane notices them: {@link
 * io.selvage.bench.cluster.Sidecars} is the process, {@code Sidecar} one of them.
 */
@NullMarked
package io.selvage.bench.cluster;

import org.jspecify.annotations.NullMarked;
