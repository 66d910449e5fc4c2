/**
 * How the proxy reaches the kernel: {@link io.selvage.proxy.transport.Transport} chooses between
 * epoll and io_uring, {@link io.selvage.proxy.transport.EventLoops} runs them, {@link
 * io.selvage.proxy.transport.Sockets} opens sockets in a workload's network namespace, {@link
 * io.selvage.proxy.transport.OriginalDestination} asks where a captured connection wanted to go.
 */
@NullMarked
package io.selvage.proxy.transport;

import org.jspecify.annotations.NullMarked;
