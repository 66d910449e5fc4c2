/** The control plane as a whole, from a folder to its clients. */
@NullMarked
package io.selvage.control;

import org.jspecify.annotations.NullMarked;
