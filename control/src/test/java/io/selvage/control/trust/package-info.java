/** Tests of {@code io.selvage.control.trust}. */
@NullMarked
package io.selvage.control.trust;

import org.jspecify.annotations.NullMarked;
