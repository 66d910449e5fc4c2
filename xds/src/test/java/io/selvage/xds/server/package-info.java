/** Tests of this side of the exchange. */
@NullMarked
package io.selvage.xds.server;

import org.jspecify.annotations.NullMarked;
