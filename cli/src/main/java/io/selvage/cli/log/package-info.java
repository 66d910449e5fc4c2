/**
 * Where log lines go: {@link io.selvage.cli.log.LogRouting} decides by the logger's name, {@link
 * io.selvage.cli.log.LogFolder} is the folder of a running mesh, {@link
 * io.selvage.cli.log.LogOutput} one of its files; {@link io.selvage.cli.log.LogProvider} is how
 * SLF4J finds them.
 */
@NullMarked
package io.selvage.cli.log;

import org.jspecify.annotations.NullMarked;
