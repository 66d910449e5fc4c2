/** What lets an operator's own tools ask a mesh's control planes. */
@NullMarked
package io.selvage.cli.operator;

import org.jspecify.annotations.NullMarked;
