/**
 * What a workload needs that speaks xDS itself, as gRPC does, in place of a proxy: {@link
 * io.selvage.cli.grpc.GrpcBootstrap} is what its gRPC library reads, and {@link
 * io.selvage.cli.grpc.GrpcAgent} stands beside it, since the library can neither ask a CA for a
 * certificate nor prove to the control plane who it is.
 */
@NullMarked
package io.selvage.cli.grpc;

import org.jspecify.annotations.NullMarked;
