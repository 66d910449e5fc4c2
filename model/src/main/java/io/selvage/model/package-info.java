/** Reading order to come. */
@NullMarked
package io.selvage.model;

import org.jspecify.annotations.NullMarked;
