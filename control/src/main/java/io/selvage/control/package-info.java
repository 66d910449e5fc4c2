/** The control plane. */
@NullMarked
package io.selvage.control;

import org.jspecify.annotations.NullMarked;
