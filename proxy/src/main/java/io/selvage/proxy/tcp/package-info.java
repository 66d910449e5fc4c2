/**
 * Connections whose bytes are not understood: {@link io.selvage.proxy.tcp.TcpStack} decides on each
 * once, {@link io.selvage.proxy.tcp.TcpRelay} carries the bytes.
 */
@NullMarked
package io.selvage.proxy.tcp;

import org.jspecify.annotations.NullMarked;
