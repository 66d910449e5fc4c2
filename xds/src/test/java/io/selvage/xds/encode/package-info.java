/** Tests of this side of the exchange. */
@NullMarked
package io.selvage.xds.encode;

import org.jspecify.annotations.NullMarked;
