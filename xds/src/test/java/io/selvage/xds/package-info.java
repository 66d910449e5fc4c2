/** Tests of the exchange: what is written is read back the same; nothing else is taken. */
@NullMarked
package io.selvage.xds;

import org.jspecify.annotations.NullMarked;
