/** Checks between the clusters of one mesh. */
@NullMarked
package io.selvage.doctor.check.multicluster;

import org.jspecify.annotations.NullMarked;
