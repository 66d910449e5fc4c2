/** Reading order to come. */
@NullMarked
package io.selvage.pki;

import org.jspecify.annotations.NullMarked;
