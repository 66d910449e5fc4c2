/**
 * What {@code selvage prove} is asked about, and how its answers look: a {@link
 * io.selvage.cli.prove.SideSource} reads one side from a folder ({@link
 * io.selvage.cli.prove.FolderSide}) or a git reference ({@link io.selvage.cli.prove.GitSide}).
 */
@NullMarked
package io.selvage.cli.prove;

import org.jspecify.annotations.NullMarked;
