/**
 * How output looks: {@link io.selvage.cli.terminal.Style} decides on colour, {@link
 * io.selvage.cli.terminal.Table} lays columns out.
 */
@NullMarked
package io.selvage.cli.terminal;

import org.jspecify.annotations.NullMarked;
