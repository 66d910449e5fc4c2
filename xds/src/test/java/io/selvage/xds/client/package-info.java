/** Tests of this side of the exchange. */
@NullMarked
package io.selvage.xds.client;

import org.jspecify.annotations.NullMarked;
