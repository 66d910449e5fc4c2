/**
 * How a command finds a running mesh: {@link io.selvage.cli.state.StateDirectory} is where, {@link
 * io.selvage.cli.state.MeshState} what is written there, {@link io.selvage.cli.state.AdminServer}
 * and {@link io.selvage.cli.state.AdminClient} the questions and answers.
 */
@NullMarked
package io.selvage.cli.state;

import org.jspecify.annotations.NullMarked;
