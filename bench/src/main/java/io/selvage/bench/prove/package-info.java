/**
 * How large a mesh the prover takes, and how fast: {@link io.selvage.bench.prove.RandomMesh} makes
 * one, {@link io.selvage.bench.prove.ProverScale} asks about it.
 */
@NullMarked
package io.selvage.bench.prove;

import org.jspecify.annotations.NullMarked;
