/** Tests of {@code io.selvage.control.jwks}. */
@NullMarked
package io.selvage.control.jwks;

import org.jspecify.annotations.NullMarked;
