/**
 * What several checks make of the same evidence. Reading order: {@link io.selvage.doctor.view.Need}
 * (evidence, or UNKNOWN said), {@link io.selvage.doctor.view.MeshView} (the objects as the mesh
 * understands them), {@link io.selvage.doctor.view.Dump} (what a proxy has), {@link
 * io.selvage.doctor.view.Xfcc}.
 */
@NullMarked
package io.selvage.doctor.view;

import org.jspecify.annotations.NullMarked;
