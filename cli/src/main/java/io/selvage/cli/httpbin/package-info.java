/**
 * The server behind the samples: {@link io.selvage.cli.httpbin.Httpbin} listens, {@link
 * io.selvage.cli.httpbin.Answers} decides what is sent back.
 */
@NullMarked
package io.selvage.cli.httpbin;

import org.jspecify.annotations.NullMarked;
