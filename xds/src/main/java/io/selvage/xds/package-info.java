/** Reading order to come. */
@NullMarked
package io.selvage.xds;

import org.jspecify.annotations.NullMarked;
