/** A mesh in small, run while the AOT cache is made: what it does is what later starts know. */
@NullMarked
package io.selvage.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
