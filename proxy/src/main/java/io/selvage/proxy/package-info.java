/**
 * The data plane: what stands before a workload and after it.
 *
 * <p>Read {@link io.selvage.proxy.ProxyEngine} (the process), {@link
 * io.selvage.proxy.WorkloadProxy} (one workload in it), {@link io.selvage.proxy.ChainCompiler}
 * (configuration made ready), then what happens to a connection: {@link
 * io.selvage.proxy.accept.InboundPipeline}, {@link io.selvage.proxy.http.RequestFlow} and {@link
 * io.selvage.proxy.upstream.UpstreamCluster}.
 */
@NullMarked
package io.selvage.proxy;

import org.jspecify.annotations.NullMarked;
