/**
 * The contract between control plane and proxies: Envoy's v3 xDS.
 *
 * <p>Reading order: {@link io.selvage.xds.resource} says what is exchanged, {@link
 * io.selvage.xds.encode} writes it as protos that an unchanged Envoy takes, {@link
 * io.selvage.xds.parse} reads them back strictly; {@link io.selvage.xds.server} and {@link
 * io.selvage.xds.client} are the two ends of the stream. {@link io.selvage.xds.XdsType} and {@link
 * io.selvage.xds.EnvoyNames} hold the words that both sides must spell alike.
 */
@NullMarked
package io.selvage.xds;

import org.jspecify.annotations.NullMarked;
