/** Who can talk to whom, exactly, and what a change newly allows. */
@NullMarked
package io.selvage.prove;

import org.jspecify.annotations.NullMarked;
