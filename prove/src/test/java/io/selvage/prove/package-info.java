/** Tests of the prover. */
@NullMarked
package io.selvage.prove;

import org.jspecify.annotations.NullMarked;
