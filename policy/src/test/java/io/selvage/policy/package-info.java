/** Tests of the tree, its evaluators and the translation into it. */
@NullMarked
package io.selvage.policy;

import org.jspecify.annotations.NullMarked;
