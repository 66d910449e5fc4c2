/** Parts that are killed while the rest goes on. */
@NullMarked
package io.selvage.it.fault;

import org.jspecify.annotations.NullMarked;
