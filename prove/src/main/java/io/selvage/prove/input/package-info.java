/**
 * What is proved about, as it was written: {@link io.selvage.prove.input.SourceText} is a file's
 * text, {@link io.selvage.prove.input.MeshText} reads many of them into a {@link
 * io.selvage.prove.input.MeshInput}, and {@link io.selvage.prove.input.Inventory} finds the
 * workloads and ports in it.
 */
@NullMarked
package io.selvage.prove.input;

import org.jspecify.annotations.NullMarked;
