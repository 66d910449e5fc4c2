/** Checks of a mesh's edges, and of what was proved against what is seen. */
@NullMarked
package io.selvage.doctor.check.edge;

import org.jspecify.annotations.NullMarked;
