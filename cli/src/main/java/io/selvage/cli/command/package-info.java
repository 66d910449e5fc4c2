/**
 * One class for each command, thin: it reads options, asks, and prints. {@link
 * io.selvage.cli.command.SelvageCommand} is the table of contents.
 */
@NullMarked
package io.selvage.cli.command;

import org.jspecify.annotations.NullMarked;
