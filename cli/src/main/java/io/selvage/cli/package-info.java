/**
 * The command line. {@link io.selvage.cli.Main} starts it; {@code command} holds one class for each
 * command, {@code mesh} what {@code up} and {@code demo} run, {@code demo} the runbook's walk,
 * {@code netns} the places of workloads, {@code state} how a command finds a running mesh, {@code
 * terminal} how things look.
 */
@NullMarked
package io.selvage.cli;

import org.jspecify.annotations.NullMarked;
