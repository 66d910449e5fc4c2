/** Reading order to come. */
@NullMarked
package io.selvage.policy;

import org.jspecify.annotations.NullMarked;
