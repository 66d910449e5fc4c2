/**
 * The control plane's end of xDS: aggregated discovery over gRPC, state of the world and delta.
 *
 * <p>{@link io.selvage.xds.server.AdsServer} is the service. For each stream it keeps a {@code
 * ClientSession}, which asks the {@link io.selvage.xds.server.ResourceSource} what the node should
 * have, and lets one {@code Subscription} for each type work out what to send: the difference
 * between that and what the client acknowledged. Resources are encoded once, as {@link
 * io.selvage.xds.server.EncodedResource}, and shared by all clients; a {@code DeltaMessage} copies
 * their bytes. Who a client is, an {@link io.selvage.xds.server.NodeAuthenticator} says. {@link
 * io.selvage.xds.server.ClientStatus} tells how far each client is.
 */
@NullMarked
package io.selvage.xds.server;

import org.jspecify.annotations.NullMarked;
