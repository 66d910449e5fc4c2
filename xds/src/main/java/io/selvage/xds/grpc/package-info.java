/**
 * What a gRPC client or server takes that speaks xDS itself, without a proxy (gRFC A27 and those
 * that build on it): less than Envoy's, and in another form.
 *
 * <p>Begin with {@link io.selvage.xds.grpc.GrpcResource}, the resources. {@link
 * io.selvage.xds.grpc.GrpcAuthorization} puts what a workload enforces into filters that gRPC
 * understands, by {@code SayableMatchers}: where gRPC has no word for a matcher, a rule never lets
 * more through than it was meant to, and what was lost is told.
 */
@NullMarked
package io.selvage.xds.grpc;

import org.jspecify.annotations.NullMarked;
