/** Reading order to come. */
@NullMarked
package io.selvage.proxy;

import org.jspecify.annotations.NullMarked;
