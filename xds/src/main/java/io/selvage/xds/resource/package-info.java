/**
 * What xDS says, as immutable records: the part of Envoy's configuration that Selvage gives and
 * takes, one record for each message that matters.
 *
 * <p>Reading order follows a connection: {@link io.selvage.xds.resource.Listener} chooses a {@link
 * io.selvage.xds.resource.FilterChain} by its match, which holds TLS settings ({@link
 * io.selvage.xds.resource.TlsSettings}) and a {@link io.selvage.xds.resource.NetworkStack}; an HTTP
 * stack runs {@link io.selvage.xds.resource.HttpFilter}s and finds a {@link
 * io.selvage.xds.resource.RouteConfiguration}, whose routes name a {@link
 * io.selvage.xds.resource.Cluster}, whose endpoints come as {@link
 * io.selvage.xds.resource.ClusterLoadAssignment}. {@link io.selvage.xds.resource.Secret}s come
 * apart.
 */
@NullMarked
package io.selvage.xds.resource;

import org.jspecify.annotations.NullMarked;
