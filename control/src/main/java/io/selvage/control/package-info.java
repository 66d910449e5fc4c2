/** Reading order to come. */
@NullMarked
package io.selvage.control;

import org.jspecify.annotations.NullMarked;
