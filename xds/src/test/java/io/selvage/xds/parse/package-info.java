/** Tests of strict reading. */
@NullMarked
package io.selvage.xds.parse;

import org.jspecify.annotations.NullMarked;
