/**
 * HTTP between a client and an upstream. Read {@link io.selvage.proxy.http.HttpStack} (what is
 * configured), {@link io.selvage.proxy.http.RequestFlow} (what happens to a request, step by step),
 * {@link io.selvage.proxy.http.Upstream} (where a permitted one goes), then the two codecs' client
 * sides: {@link io.selvage.proxy.http.Http1Downstream} and {@link
 * io.selvage.proxy.http.Http2Downstream}.
 */
@NullMarked
package io.selvage.proxy.http;

import org.jspecify.annotations.NullMarked;
