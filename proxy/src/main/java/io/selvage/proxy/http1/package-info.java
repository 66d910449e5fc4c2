/**
 * HTTP/1.1 over bytes: heads are read into one reusable array with offsets, never into objects.
 *
 * <p>Read {@link io.selvage.proxy.http1.RequestHeadParser} (what is refused, and why: {@link
 * io.selvage.proxy.http1.HttpViolation}), {@link io.selvage.proxy.http1.HeadBuffer} (what was read,
 * and how it is edited in place), {@link io.selvage.proxy.http1.BodyFraming} and {@link
 * io.selvage.proxy.http1.BodyReader} (where the message ends), then {@link
 * io.selvage.proxy.http1.HeadWriter} (what goes on to the next hop).
 */
@NullMarked
package io.selvage.proxy.http1;

import org.jspecify.annotations.NullMarked;
