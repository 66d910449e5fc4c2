/** Tests of atoms. */
@NullMarked
package io.selvage.prove.atom;

import org.jspecify.annotations.NullMarked;
