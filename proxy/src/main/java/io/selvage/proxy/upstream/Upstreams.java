package io.selvage.proxy.upstream;

import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Sockets;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * What every upstream connection of one workload needs.
 *
 * @param loops where connections live
 * @param sockets how they are opened
 * @param tls contexts by settings
 * @param nanoTime monotonic, for idle times
 * @param random from a bound to 0 .. bound - 1, safe for any thread
 */
public record Upstreams(
    EventLoops loops,
    Sockets sockets,
    TlsContexts tls,
    LongSupplier nanoTime,
    IntUnaryOperator random) {}
