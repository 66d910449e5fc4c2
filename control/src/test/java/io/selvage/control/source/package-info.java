/** Tests of {@code io.selvage.control.source}. */
@NullMarked
package io.selvage.control.source;

import org.jspecify.annotations.NullMarked;
