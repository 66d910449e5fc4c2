/**
 * What a proxy is told, as a pure function of what is declared and who runs where.
 *
 * <p>Reading order: {@link io.selvage.control.generate.ProxyNode} (who asks), {@link
 * io.selvage.control.generate.MeshState} (what is known), {@link
 * io.selvage.control.generate.ResourceGenerator} (the table of contents), then inbound ({@link
 * io.selvage.control.generate.InboundInput}, {@link io.selvage.control.generate.InboundListeners})
 * and outbound ({@link io.selvage.control.generate.Imports}, {@link
 * io.selvage.control.generate.OutboundInput}, {@link
 * io.selvage.control.generate.OutboundListeners}, {@link io.selvage.control.generate.Routes},
 * {@link io.selvage.control.generate.OutboundClusters}). The shapes and names are those that istiod
 * sends a sidecar.
 */
@NullMarked
package io.selvage.control.generate;

import org.jspecify.annotations.NullMarked;
