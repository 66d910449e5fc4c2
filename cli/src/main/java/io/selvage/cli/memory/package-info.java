/** What a process does about its own memory. Start with {@link OldGeneration}. */
@NullMarked
package io.selvage.cli.memory;

import org.jspecify.annotations.NullMarked;
