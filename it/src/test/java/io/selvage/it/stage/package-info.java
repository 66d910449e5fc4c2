/**
 * What the tests of the whole stand on: {@link io.selvage.it.stage.RunningMesh} is {@code selvage
 * up} as a process of its own, {@link io.selvage.it.stage.Tool} runs a real peer to its end, {@link
 * io.selvage.it.stage.Until} waits for what can be seen.
 */
@NullMarked
package io.selvage.it.stage;

import org.jspecify.annotations.NullMarked;
