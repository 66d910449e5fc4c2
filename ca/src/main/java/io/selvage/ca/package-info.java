/** Reading order to come. */
@NullMarked
package io.selvage.ca;

import org.jspecify.annotations.NullMarked;
