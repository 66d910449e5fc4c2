/**
 * The way to the other side: {@link io.selvage.proxy.upstream.Clusters} (by name, as configured),
 * {@link io.selvage.proxy.upstream.UpstreamCluster} (which endpoint), {@link
 * io.selvage.proxy.upstream.Endpoint} (its connections, kept per event loop), {@link
 * io.selvage.proxy.upstream.Http1Upstream} and {@link
 * io.selvage.proxy.upstream.Http2UpstreamConnection} (how a request goes out and its answer comes
 * back to a {@link io.selvage.proxy.upstream.ResponseListener}).
 */
@NullMarked
package io.selvage.proxy.upstream;

import org.jspecify.annotations.NullMarked;
