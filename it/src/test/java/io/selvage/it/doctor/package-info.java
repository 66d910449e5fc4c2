/** The doctor on real meshes: what it finds, what its probes show, what its fixes mend. */
@NullMarked
package io.selvage.it.doctor;

import org.jspecify.annotations.NullMarked;
