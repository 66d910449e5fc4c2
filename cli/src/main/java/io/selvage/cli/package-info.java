/** Reading order to come. */
@NullMarked
package io.selvage.cli;

import org.jspecify.annotations.NullMarked;
